"""Failures of an endpoint, and the problem document for each."""

import json
import socket
from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.events import GOOD, PROBLEM, Context, assert_problem, document, post
from tests.lambda_src.sagemaker_runtime import Answer, Bytes, Runtime, fault, model_error, prediction

SECRET = "a value of the client's"
JSON = {"content-type": "application/json"}
HALF = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
CHUNKED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "status", "retry_after", "tries"),
    [
        pytest.param(model_error(422, json.dumps(PROBLEM)), 422, None, 1, id="the model refuses the rows"),
        pytest.param(model_error(406, "{}"), 406, None, 1, id="it can answer nothing that is acceptable"),
        pytest.param(model_error(413, "not json"), 413, None, 1, id="it finds the body too large"),
        pytest.param(model_error(415, "not json"), 415, None, 1, id="another container refuses, unshaped"),
        pytest.param(model_error(400, "[1]"), 400, None, 1, id="another container refuses with a list"),
        pytest.param(model_error(499, '{"detail":1,"x":NaN}'), 499, None, 1, id="it refuses with no JSON"),
        pytest.param(model_error(422, "[" * 99_999), 422, None, 1, id="it refuses without an end"),
        pytest.param(model_error(500, SECRET), 502, None, 1, id="the model fails"),
        pytest.param(model_error(503, SECRET), 503, "10", 1, id="the model is not loaded"),
        pytest.param(model_error(504, SECRET), 504, None, 1, id="the model gives up"),
        pytest.param(model_error(200, SECRET), 502, None, 1, id="the model makes no sense"),
        pytest.param(
            model_error(0, "Your invocation timed out while waiting for a response"),
            504,
            None,
            1,
            id="model late",
        ),
        pytest.param(model_error(0, "Broken pipe"), 502, None, 1, id="the container crashes"),
        pytest.param(fault("ModelError", status=424, OriginalStatusCode="x"), 502, None, 1, id="no status"),
        pytest.param(fault("ThrottlingException"), 429, "1", 2, id="throttled"),
        pytest.param(Answer(status=429), 429, "1", 1, id="throttled without a word"),
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
        pytest.param(Answer(status=302, headers={"location": "/"}), 500, None, 1, id="sent elsewhere"),
        pytest.param(Answer(status=502, body=b"<html>"), 502, None, 2, id="a proxy's page"),
        pytest.param(Answer(status=504), 504, None, 2, id="a proxy out of time"),
        pytest.param(Answer(body=b"<html>"), 502, None, 1, id="no content type"),
        pytest.param(Answer(body=b"<html>", headers=JSON), 502, None, 1, id="no JSON"),
        pytest.param(Answer(body=b"[]", headers=JSON), 502, None, 1, id="JSON that is no object"),
        pytest.param(Answer(body=b"[" * 99_999, headers=JSON), 502, None, 1, id="JSON without an end"),
        pytest.param(Answer(body=b"\xff", headers={"content-type": "text/csv"}), 502, None, 1, id="no UTF-8"),
        pytest.param(Answer(body=b" " * (6 << 20), headers=JSON), 502, None, 1, id="too much"),
        pytest.param(Bytes(), 502, None, 2, id="hangs up"),
        pytest.param(Bytes(end="reset"), 502, None, 2, id="resets the connection"),
        pytest.param(Bytes(first=HALF), 502, None, 1, id="half an answer"),
        pytest.param(Bytes(first=HALF, end="reset"), 502, None, 1, id="resets it within the answer"),
        pytest.param(Bytes(first=b"\x16\x03\x01 garbage\r\n\r\n"), 502, None, 2, id="no HTTP"),
        pytest.param(Bytes(first=b"HTTP/1.1 abc OK\r\n\r\n"), 502, None, 2, id="no status in HTTP"),
        pytest.param(Bytes(first=b"HTTP/1.1 200 " + b"x" * 70_000), 502, None, 2, id="a line without end"),
        pytest.param(
            Bytes(first=b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200), 502, None, 2, id="too many headers"
        ),
        pytest.param(Bytes(first=CHUNKED + b"xyz\r\n"), 502, None, 1, id="no chunks"),
        pytest.param(Bytes(first=CHUNKED + b"-5\r\nabc"), 502, None, 1, id="a chunk of less than nothing"),
        pytest.param(Bytes(first=CHUNKED + b"f" * 20 + b"\r\nabc"), 502, None, 1, id="a chunk without end"),
    ],
)
def test_every_fault_is_a_problem_document(
    invoker: ModuleType,
    runtime: Runtime,
    capsys: pytest.CaptureFixture[str],
    answer: Answer | Bytes,
    status: int,
    retry_after: str | None,
    tries: int,
) -> None:
    runtime.respond(answer)

    found = invoker.handler(post("{}"), Context())

    assert_problem(found, status, retry_after=retry_after)
    assert len(runtime.requests) == tries
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["status"] == status
    assert SECRET not in line + found["body"]


def test_a_refusal_by_the_model_is_passed_on(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(model_error(422, json.dumps(PROBLEM)))

    answer = invoker.handler(post("{}"), None)

    assert document(answer) == PROBLEM | {"request_id": "request-1"}


def test_a_request_after_a_fault_succeeds(invoker: ModuleType, runtime: Runtime) -> None:
    for broken in (Bytes(end="reset"), Bytes(first=HALF), Answer(body=b"<html>")):
        runtime.respond(broken)
        invoker.handler(post("{}"), None)

        runtime.respond(prediction(GOOD))

        assert invoker.handler(post("{}"), None)["statusCode"] == 200


@pytest.mark.parametrize("model", [{}, {"FUNCTION_NAME": "Tiny"}], ids=["endpoint", "function"])
def test_a_kept_alive_connection_that_the_host_closed_is_replaced(
    start_invoker: Import, runtime: Runtime, model: dict[str, str]
) -> None:
    invoker = start_invoker(runtime.url, COLD_STARTS="true", **model)
    body = b'{"status":200,"content_type":"application/json","body":"e30="}'
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    runtime.respond(Bytes(first=head + body))

    statuses = [invoker.handler(post("{}"), None)["statusCode"] for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert len(set(runtime.connections)) == 3


def test_an_endpoint_that_refuses_connections_is_unreachable(start_invoker: Import) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        invoker = start_invoker(f"http://127.0.0.1:{closed.getsockname()[1]}")

        assert_problem(invoker.handler(post("{}"), None), 502)


def test_an_endpoint_with_an_unknown_host_name_is_unreachable(start_invoker: Import) -> None:
    assert_problem(start_invoker("http://unknown.invalid").handler(post("{}"), None), 502)


@pytest.mark.parametrize(
    "event", [None, [], "{}", 7, {}], ids=["nothing", "a list", "text", "a number", "empty"]
)
def test_an_event_of_another_type_is_404(invoker: ModuleType, event: Any) -> None:
    assert_problem(invoker.handler(event, None), 404)
