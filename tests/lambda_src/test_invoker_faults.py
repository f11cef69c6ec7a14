import dataclasses
import json
import socket
import time
from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.events import HEALTH, PROBLEM, document, post
from tests.lambda_src.sagemaker_runtime import Answer, Runtime, fault, model_error, prediction

SECRET = "a value of the client's"


@pytest.mark.parametrize("event", [post("{}"), HEALTH], ids=["predict", "health"])
@pytest.mark.parametrize(
    ("answer", "status", "retry_after", "tries"),
    [
        pytest.param(model_error(422, json.dumps(PROBLEM)), 422, None, 1, id="the model refuses the rows"),
        pytest.param(model_error(415, "not json"), 415, None, 1, id="another container refuses, unshaped"),
        pytest.param(model_error(400, "[1]"), 400, None, 1, id="another container refuses with a list"),
        pytest.param(model_error(500, SECRET), 502, None, 1, id="the model fails"),
        pytest.param(model_error(503, SECRET), 502, None, 1, id="the model goes away"),
        pytest.param(model_error(200, SECRET), 502, None, 1, id="the model makes no sense"),
        pytest.param(
            model_error(0, "Your invocation timed out while waiting for a response"),
            504,
            None,
            1,
            id="model late",
        ),
        pytest.param(model_error(0, "Broken pipe"), 502, None, 1, id="the container crashes"),
        pytest.param(fault("ThrottlingException"), 429, "1", 2, id="throttled"),
        pytest.param(fault("ModelNotReadyException", status=429), 503, "10", 1, id="not ready"),
        pytest.param(fault("ServiceUnavailable", status=503), 503, "10", 2, id="unavailable"),
        pytest.param(
            fault("ValidationError", Message="Endpoint Tiny of account 1 not found."),
            503,
            "10",
            1,
            id="unknown",
        ),
        pytest.param(
            fault("ValidationError", Message="1 validation error detected: Value at 'contentType'"),
            400,
            None,
            1,
            id="bad header",
        ),
        pytest.param(fault("InternalFailure", status=500), 502, None, 2, id="sagemaker fails"),
        pytest.param(fault("InternalDependencyException", status=530), 502, None, 1, id="its disk fails"),
        pytest.param(fault("RequestTooLarge", status=413), 413, None, 1, id="too large"),
        pytest.param(fault("AccessDeniedException", status=403), 500, None, 1, id="no permission"),
        pytest.param(Answer(status=200, body=b"<html>"), 500, None, 1, id="no content type"),
    ],
)
def test_every_fault_is_a_problem_document_with_the_status_the_client_can_act_on(
    invoker: ModuleType,
    runtime: Runtime,
    event: dict[str, Any],
    answer: Answer,
    status: int,
    retry_after: str | None,
    tries: int,
) -> None:
    runtime.respond(answer)

    found = invoker.handler(event, None)

    assert found["statusCode"] == status
    assert found["headers"]["content-type"] == "application/problem+json"
    assert found["headers"]["x-request-id"] == "request-1"
    assert found["headers"].get("retry-after") == retry_after
    assert {"type": "about:blank", "status": status, "request_id": "request-1"}.items() <= document(
        found
    ).items()
    assert document(found)["detail"].endswith(".")
    assert len(runtime.requests) == tries


def test_a_refused_row_is_explained_in_the_models_own_words(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(model_error(422, json.dumps(PROBLEM)))

    answer = invoker.handler(post("{}"), None)

    assert document(answer) == PROBLEM | {"request_id": "request-1"}


def test_a_model_that_hangs_is_out_of_time_within_the_functions_own(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(Answer(status=None))
    start = time.monotonic()

    answer = invoker.handler(post("{}"), None)

    assert answer["statusCode"] == 504
    assert len(runtime.requests) == 2
    assert time.monotonic() - start < 12


def test_an_endpoint_that_has_to_start_first_is_waited_for(cold_start: Import, runtime: Runtime) -> None:
    invoker = cold_start(
        "lambda_src.invoker.handler",
        AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=runtime.url,
        COLD_STARTS="true",
    )
    runtime.respond(dataclasses.replace(prediction({"predictions": []}), seconds=3.5))

    assert invoker.handler(post("{}"), None)["statusCode"] == 200
    assert len(runtime.requests) == 1


def test_an_endpoint_nobody_answers_for_is_unreachable(cold_start: Import) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        invoker = cold_start(
            "lambda_src.invoker.handler",
            AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME=f"http://127.0.0.1:{closed.getsockname()[1]}",
        )

        answer = invoker.handler(post("{}"), None)

    assert answer["statusCode"] == 502


def test_a_route_that_is_not_there_is_not_found(invoker: ModuleType) -> None:
    answer = invoker.handler(post("{}", resource="/other"), None)

    assert answer["statusCode"] == 404
