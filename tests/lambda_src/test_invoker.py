import base64
import json
from types import ModuleType

import pytest

from tests.lambda_src.events import GOOD, HEALTH, PROBLEM, ROW, document, post
from tests.lambda_src.sagemaker_runtime import Runtime, model_error, prediction

SECRET = "a value of the client's"


def test_a_row_is_forwarded_as_it_is_and_so_is_the_answer(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))

    answer = invoker.handler(post('{ "size":1.0, "é": "ü" }'), None)

    assert answer["statusCode"] == 200
    assert document(answer) == GOOD
    assert answer["headers"] == {"content-type": "application/json", "x-request-id": "request-1"}
    [request] = runtime.requests
    assert request.path == "/endpoints/Tiny/invocations"
    assert request.body == '{ "size":1.0, "é": "ü" }'.encode()
    assert request.content_type == "application/json"


def test_a_binary_body_is_forwarded_decoded(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))

    invoker.handler(post(base64.b64encode(b'{"size":2}').decode(), isBase64Encoded=True), None)

    assert runtime.requests[0].body == b'{"size":2}'


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"content-type": "text/csv"}, "text/csv"),
        ({"CONTENT-TYPE": "application/json; charset=utf-8"}, "application/json; charset=utf-8"),
        ({}, "application/json"),
        (None, "application/json"),
    ],
)
def test_the_content_type_is_the_clients_or_json(
    invoker: ModuleType, runtime: Runtime, headers: dict[str, str] | None, sent: str
) -> None:
    runtime.respond(prediction(GOOD))

    invoker.handler({**post("{}"), "headers": headers}, None)

    assert runtime.requests[0].content_type == sent


def test_no_body_is_an_empty_one_for_the_model_to_judge(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(model_error(400, json.dumps(PROBLEM | {"status": 400})))

    answer = invoker.handler(post(None), None)

    assert (answer["statusCode"], runtime.requests[0].body) == (400, b"")


def test_health_is_a_prediction_that_works_now_and_its_version(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction({**GOOD, "model": {"name": "tiny", "version": "older"}}))

    answer = invoker.handler(HEALTH, None)

    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    assert document(answer) == {
        "status": "ok",
        "model": {"name": "tiny", "version": "older"},
        "expected_version": "abc",
    }
    assert json.loads(runtime.requests[0].body) == ROW


def test_a_failed_request_is_one_line_of_the_log_without_what_was_sent(
    invoker: ModuleType, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.respond(model_error(500, SECRET))

    invoker.handler(post(json.dumps({"size": SECRET})), None)

    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "request_id": "request-1",
        "cause": "model_failed",
        "status": 502,
        "code": "ModelError",
        "original_status": 500,
        "log": "arn:log",
    }


def test_what_nobody_thought_of_is_in_the_log_and_not_in_the_answer(
    invoker: ModuleType, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.respond(prediction({"no": "model"}))

    answer = invoker.handler(HEALTH, None)

    assert (answer["statusCode"], document(answer)["detail"]) == (500, "The request failed.")
    assert "Traceback" not in answer["body"]
    [line] = capsys.readouterr().out.splitlines()
    assert "KeyError" in json.loads(line)["error"]


def test_a_good_request_writes_nothing(
    invoker: ModuleType, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.respond(prediction(GOOD))

    invoker.handler(post("{}"), None)

    assert capsys.readouterr().out == ""
