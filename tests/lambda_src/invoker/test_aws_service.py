"""Services of AWS as the invoker reaches them."""

from types import ModuleType

import pytest

from lambda_src.invoker.aws_service import service_url
from tests.lambda_src.events import Context, post
from tests.lambda_src.sagemaker_runtime import Answer, Runtime


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "https://runtime.sagemaker.cn-north-1.amazonaws.com.cn"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "http://127.0.0.1:1"),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": "http://own"},
            "http://own",
        ),
    ],
    ids=["region and domain", "one URL for all services", "a URL for the service"],
)
def test_the_environment_gives_the_url_of_a_service(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str
) -> None:
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    monkeypatch.setenv("URL_SUFFIX", "amazonaws.com.cn")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert service_url("runtime.sagemaker", "SAGEMAKER_RUNTIME") == url


def test_a_service_that_keeps_failing_is_not_asked_twice_for_ever(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(Answer(status=503))

    for _ in range(60):
        invoker.handler(post("{}"), Context())

    assert len(runtime.requests) == 60 + 50


def test_a_request_has_the_trace_of_the_call(
    invoker: ModuleType, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.respond(Answer(status=503))
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-0-0;Parent=0;Sampled=0")

    invoker.handler(post("{}"), Context())

    assert runtime.requests[0].headers["x-amzn-trace-id"] == "Root=1-0-0;Parent=0;Sampled=0"
