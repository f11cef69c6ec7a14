"""JSON Lines through the invoker: whatever the serving container answers with is passed on."""

from types import ModuleType

import pytest

from serving.predict.media_type import JSON_LINES_TYPES
from tests.lambda_src.events import post
from tests.lambda_src.sagemaker_runtime import Answer, Runtime

ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
LINES = '{"label":"yes"}\n{"label":"no"}\n'


@pytest.mark.parametrize("media_type", JSON_LINES_TYPES)
def test_json_lines_are_passed_on(invoker: ModuleType, runtime: Runtime, media_type: str) -> None:
    lines = {"content-type": media_type, ATTRIBUTES: "model_version=abc"}
    runtime.respond(Answer(body=LINES.encode(), headers=lines))

    answer = invoker.handler(
        post("[0]\n[1]\n", headers={"Content-Type": media_type, "Accept": media_type}), None
    )

    [request] = runtime.requests
    assert request.headers["content-type"] == request.headers["accept"] == media_type
    assert (answer["statusCode"], answer["body"]) == (200, LINES)
    assert answer["headers"]["content-type"] == media_type
