"""Lambda function as the model's host."""

import base64
import json
from types import ModuleType

import pytest

from tests.lambda_src.events import GOOD, PROBLEM, assert_problem, document, post
from tests.lambda_src.sagemaker_runtime import Answer, Runtime, fault

SECRET = "a value of the client's"


def reply(status: int, body: str, content_type: str = "application/json", version: str = "abc") -> Answer:
    """Response of Invoke with the result of a model's function."""
    payload = {
        "status": status,
        "content_type": content_type,
        "body": base64.b64encode(body.encode()).decode(),
        "model_version": version,
    }
    return Answer(body=json.dumps(payload).encode())


def crash(**failure: str) -> Answer:
    """Response of Invoke for a function that failed."""
    return Answer(body=json.dumps(failure).encode(), headers={"x-amz-function-error": "Unhandled"})


def test_request_and_response_bodies_are_passed_on_unchanged(
    function_invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(reply(200, "label\nyes\n", "text/csv"))

    answer = function_invoker.handler(
        post(
            "size\n1ü\n",
            headers={"content-type": "text/csv; header=present", "accept": "text/csv"},
            multiValueQueryStringParameters={"on_error": ["skip"], "threshold": ["0.4"]},
        ),
        None,
    )

    assert (answer["statusCode"], answer["body"]) == (200, "label\nyes\n")
    assert answer["headers"] == {
        "content-type": "text/csv",
        "x-model-version": "abc",
        "x-request-id": "request-1",
    }
    [request] = runtime.requests
    assert request.path == "/2015-03-31/functions/TinyModel/invocations"
    assert "/eu-west-1/lambda/aws4_request" in request.headers["authorization"]
    payload = json.loads(request.body)
    assert base64.b64decode(payload.pop("body")) == "size\n1ü\n".encode()
    assert payload == {
        "content_type": "text/csv; header=present",
        "accept": "text/csv",
        "query": "&on_error=skip&threshold=0.4",
        "id": "request-1",
    }


def test_a_request_without_headers_is_sent_as_json_without_a_query(
    function_invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(reply(200, json.dumps(GOOD)))

    assert document(function_invoker.handler(post("{}", headers={}), None)) == GOOD

    payload = json.loads(runtime.requests[0].body)
    assert payload.pop("body")
    assert payload.pop("id")
    assert payload == {"content_type": "application/json", "accept": "application/json", "query": ""}


@pytest.mark.parametrize(
    ("answer", "status", "retry_after"),
    [
        pytest.param(reply(422, json.dumps(PROBLEM)), 422, None, id="the model refuses the rows"),
        pytest.param(reply(415, "not json"), 415, None, id="it refuses, unshaped"),
        pytest.param(reply(500, SECRET), 502, None, id="the model fails"),
        pytest.param(reply(503, SECRET), 503, "10", id="the model is not loaded"),
        pytest.param(reply(200, SECRET), 502, None, id="it answers no JSON"),
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
        pytest.param(fault("TooManyRequestsException", status=429), 429, "1", id="throttled"),
        pytest.param(fault("ResourceNotFoundException", status=404), 503, "10", id="not there"),
        pytest.param(fault("ResourceConflictException", status=409), 503, "10", id="pending"),
        pytest.param(fault("ResourceNotReadyException", status=502), 503, "10", id="inactive"),
        pytest.param(fault("ServiceException", status=500), 502, None, id="lambda fails"),
        pytest.param(fault("RequestTooLargeException", status=413), 413, None, id="too large"),
        pytest.param(fault("AccessDeniedException", status=403), 500, None, id="no permission"),
        pytest.param(Answer(body=b"null"), 502, None, id="another function's answer"),
        pytest.param(Answer(body=b'{"status":200,"content_type":1,"body":"%"}'), 502, None, id="no base64"),
        pytest.param(Answer(body=b"\xff\xfe"), 502, None, id="no JSON"),
    ],
)
def test_every_fault_is_a_problem_document(
    function_invoker: ModuleType,
    runtime: Runtime,
    capsys: pytest.CaptureFixture[str],
    answer: Answer,
    status: int,
    retry_after: str | None,
) -> None:
    runtime.respond(answer)

    found = function_invoker.handler(post("{}"), None)

    assert_problem(found, status, retry_after=retry_after)
    assert 1 <= len(runtime.requests) <= 2
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["status"] == status
    assert SECRET not in line + found["body"]
