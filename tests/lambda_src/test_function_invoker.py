import base64
import dataclasses
import json
import time
from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.events import GOOD, HEALTH, PROBLEM, ROW, document, post
from tests.lambda_src.sagemaker_runtime import Answer, Runtime, fault

SECRET = "a value of the client's"


def reply(status: int, body: str, content_type: str = "application/json") -> Answer:
    """What a model's function gives back, as Lambda passes it on."""
    payload = {
        "status": status,
        "content_type": content_type,
        "body": base64.b64encode(body.encode()).decode(),
    }
    return Answer(body=json.dumps(payload).encode())


def crash(**failure: str) -> Answer:
    """What Lambda says of a function that did not give anything back."""
    return Answer(body=json.dumps(failure).encode(), headers={"x-amz-function-error": "Unhandled"})


def lambda_fault(code: str, status: int) -> Answer:
    return fault(code, status=status)


def test_a_row_is_forwarded_as_it_is_and_so_is_the_answer(
    function_invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(reply(200, json.dumps(GOOD)))

    answer = function_invoker.handler(
        post('{ "size":1.0, "é": "ü" }', headers={"content-type": "text/csv"}), None
    )

    assert (answer["statusCode"], document(answer)) == (200, GOOD)
    assert answer["headers"] == {"content-type": "application/json", "x-request-id": "request-1"}
    [request] = runtime.requests
    assert request.path == "/2015-03-31/functions/TinyModel/invocations"
    payload = json.loads(request.body)
    assert base64.b64decode(payload.pop("body")) == '{ "size":1.0, "é": "ü" }'.encode()
    assert payload == {"content_type": "text/csv", "accept": "application/json"}


def test_health_is_a_prediction_that_works_now_and_its_version(
    function_invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(reply(200, json.dumps({**GOOD, "model": {"name": "tiny", "version": "older"}})))

    answer = function_invoker.handler(HEALTH, None)

    assert document(answer) == {
        "status": "ok",
        "model": {"name": "tiny", "version": "older"},
        "expected_version": "abc",
    }
    assert json.loads(base64.b64decode(json.loads(runtime.requests[0].body)["body"])) == ROW


@pytest.mark.parametrize("event", [post("{}"), HEALTH], ids=["predict", "health"])
@pytest.mark.parametrize(
    ("answer", "status", "retry_after"),
    [
        pytest.param(reply(422, json.dumps(PROBLEM)), 422, None, id="the model refuses the rows"),
        pytest.param(reply(415, "not json"), 415, None, id="it refuses, unshaped"),
        pytest.param(reply(500, SECRET), 502, None, id="the model fails"),
        pytest.param(reply(503, SECRET), 502, None, id="the model goes away"),
        pytest.param(
            crash(errorType="Runtime.ExitError", errorMessage=SECRET), 502, None, id="the function exits"
        ),
        pytest.param(crash(errorType="ValueError", errorMessage=SECRET), 502, None, id="the function raises"),
        pytest.param(
            crash(errorType="Sandbox.Timedout", errorMessage="RequestId: 1 Error: Task timed out after 30 s"),
            504,
            None,
            id="the function is out of time",
        ),
        pytest.param(
            crash(errorMessage="2026-01-01T00:00:00 1 Task timed out after 30.00 seconds"),
            504,
            None,
            id="the same in other words",
        ),
        pytest.param(lambda_fault("TooManyRequestsException", 429), 429, "1", id="throttled"),
        pytest.param(lambda_fault("ResourceNotFoundException", 404), 503, "10", id="not there"),
        pytest.param(lambda_fault("ResourceConflictException", 409), 503, "10", id="pending"),
        pytest.param(lambda_fault("ResourceNotReadyException", 502), 503, "10", id="inactive"),
        pytest.param(lambda_fault("ServiceException", 500), 502, None, id="lambda fails"),
        pytest.param(lambda_fault("RequestTooLargeException", 413), 413, None, id="too large"),
        pytest.param(lambda_fault("AccessDeniedException", 403), 500, None, id="no permission"),
        pytest.param(Answer(body=b"null"), 500, None, id="another function's answer"),
    ],
)
def test_every_fault_is_a_problem_document_with_the_status_the_client_can_act_on(
    function_invoker: ModuleType,
    runtime: Runtime,
    capsys: pytest.CaptureFixture[str],
    event: dict[str, Any],
    answer: Answer,
    status: int,
    retry_after: str | None,
) -> None:
    runtime.respond(answer)

    found = function_invoker.handler(event, None)

    assert found["statusCode"] == status
    assert found["headers"]["content-type"] == "application/problem+json"
    assert found["headers"].get("retry-after") == retry_after
    expected = {"type": "about:blank", "status": status, "request_id": "request-1"}
    assert expected.items() <= document(found).items()
    assert len(runtime.requests) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["status"] == status
    assert SECRET not in line + found["body"]


def test_a_function_that_hangs_is_out_of_time_within_the_invokers_own(
    function_invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(Answer(status=None))
    start = time.monotonic()

    answer = function_invoker.handler(post("{}"), None)

    assert answer["statusCode"] == 504
    assert len(runtime.requests) == 1
    assert time.monotonic() - start < 12


def test_a_function_that_has_to_start_first_is_waited_for(
    function_invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(dataclasses.replace(reply(200, "{}"), seconds=3.5))

    assert function_invoker.handler(post("{}"), None)["statusCode"] == 200
    assert len(runtime.requests) == 1
