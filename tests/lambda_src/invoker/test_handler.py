"""Predictions of one model on an endpoint: how requests and responses are passed on."""

import base64
import json
from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.events import GOOD, PROBLEM, Context, assert_problem, document, post
from tests.lambda_src.sagemaker_runtime import Answer, Runtime, model_error, prediction

SECRET = "a value of the client's"
ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"


def test_request_and_response_bodies_are_passed_on_unchanged(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD, version="abc"))

    answer = invoker.handler(post('{ "size":1.0, "é": "ü" }'), Context())

    assert (answer["statusCode"], document(answer)) == (200, GOOD)
    assert answer["headers"] == {
        "content-type": "application/json",
        "x-model-version": "abc",
        "x-request-id": "request-1",
    }
    [request] = runtime.requests
    assert (request.method, request.path) == ("POST", "/endpoints/Tiny/invocations")
    assert request.body == '{ "size":1.0, "é": "ü" }'.encode()
    assert request.headers["content-type"] == request.headers["accept"] == "application/json"
    assert ATTRIBUTES not in request.headers


def test_the_id_of_the_request_is_the_inference_id_of_captured_data(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(prediction(GOOD))

    answer = invoker.handler(post("{}"), Context())

    [request] = runtime.requests
    assert request.headers["x-amzn-sagemaker-inference-id"] == answer["headers"]["x-request-id"]


def test_an_id_that_is_no_inference_id_is_replaced(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))

    answer = invoker.handler(post("{}", requestContext={"requestId": "i" * 65}), None)

    [request] = runtime.requests
    sent = request.headers["x-amzn-sagemaker-inference-id"]
    assert sent == answer["headers"]["x-request-id"]
    assert 1 <= len(sent) <= 64


def test_csv_is_passed_on_unchanged(invoker: ModuleType, runtime: Runtime) -> None:
    answered = {"content-type": "text/csv; header=present", ATTRIBUTES: "model_version=abc"}
    runtime.respond(Answer(body="label,probability\nä,0.5\n".encode(), headers=answered))

    answer = invoker.handler(
        post(
            "size\n1\n", headers={"Content-Type": "text/csv; header=present", "Accept": "text/csv, */*;q=0.1"}
        ),
        None,
    )

    assert (answer["statusCode"], answer["body"]) == (200, "label,probability\nä,0.5\n")
    assert answer["headers"]["content-type"] == "text/csv; header=present"
    [request] = runtime.requests
    assert request.headers["content-type"] == "text/csv; header=present"
    assert request.headers["accept"] == "text/csv, */*;q=0.1"


@pytest.mark.parametrize(
    ("event", "sent"),
    [
        ({"multiValueQueryStringParameters": {"b": ["2", "1"], "a": [""]}}, "&b=2&b=1&a="),
        ({"queryStringParameters": {"on_error": "skip", "threshold": "0.4"}}, "&on_error=skip&threshold=0.4"),
        ({"multiValueQueryStringParameters": {"a b": ["c&d=e+f/ü"]}}, "&a%20b=c%26d%3De%2Bf%2F%C3%BC"),
    ],
    ids=["order kept", "single values", "encoded again"],
)
def test_the_query_string_is_sent_as_custom_attributes(
    invoker: ModuleType, runtime: Runtime, event: dict[str, Any], sent: str
) -> None:
    runtime.respond(prediction(GOOD))

    invoker.handler(post("{}", **event), None)

    assert runtime.requests[0].headers[ATTRIBUTES] == sent


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
def test_a_request_without_a_content_type_is_sent_as_json(
    invoker: ModuleType, runtime: Runtime, headers: dict[str, str] | None, sent: str
) -> None:
    runtime.respond(prediction(GOOD))

    invoker.handler({**post("{}"), "headers": headers}, None)

    assert runtime.requests[0].headers["content-type"] == sent


def test_the_values_of_a_repeated_header_are_joined(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))
    several = {"Accept": ["text/csv;q=0.5", "application/json"]}

    invoker.handler(post("{}", headers={"Accept": "application/json"}, multiValueHeaders=several), None)

    assert runtime.requests[0].headers["accept"] == "text/csv;q=0.5, application/json"


def test_a_request_without_a_body_is_sent_with_an_empty_one(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(model_error(400, json.dumps(PROBLEM | {"status": 400})))

    answer = invoker.handler(post(None), None)

    assert (answer["statusCode"], runtime.requests[0].body) == (400, b"")


@pytest.mark.parametrize(
    ("event", "status"),
    [
        pytest.param(post("%%%", isBase64Encoded=True), 400, id="bad base64"),
        pytest.param(post("\ud800"), 400, id="half a surrogate pair"),
        pytest.param(post("{}", headers={"Content-Type": "text/\x00csv"}), 400, id="a header with NUL"),
        pytest.param(post("{}", headers={"Accept": "a" * 1025}), 400, id="a header that is too long"),
        pytest.param(post("{}", queryStringParameters={"a": "b" * 1025}), 400, id="a query that is too long"),
        pytest.param(post("{}", headers={"Content-Encoding": "gzip"}), 415, id="compressed"),
    ],
)
def test_an_invalid_request_is_refused_without_a_call_of_the_model(
    invoker: ModuleType, runtime: Runtime, event: dict[str, object], status: int
) -> None:
    runtime.respond(prediction(GOOD))

    assert_problem(invoker.handler(event, None), status)

    assert runtime.requests == []


def test_a_body_with_the_identity_encoding_is_forwarded(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))

    assert invoker.handler(post("{}", headers={"content-encoding": "Identity"}), None)["statusCode"] == 200


def test_a_body_over_the_limit_is_refused_with_both_limits(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))

    assert invoker.handler(post("x" * 1_048_576), None)["statusCode"] == 200
    answer = invoker.handler(post("x" * 1_048_577), None)

    assert_problem(answer, 413)
    assert "1,048,577 bytes" in document(answer)["detail"]
    assert "at most 1,000 rows and 1,048,576 bytes" in document(answer)["detail"]
    assert len(runtime.requests) == 1


def test_without_a_request_id_of_api_gateway_the_response_has_that_of_lambda(
    invoker: ModuleType, runtime: Runtime
) -> None:
    runtime.respond(prediction(GOOD))

    answer = invoker.handler(post("{}", requestContext=None), Context())

    assert answer["headers"]["x-request-id"] == "call-1"


def test_an_invalid_version_is_not_passed_on(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD, version="<script>"))

    assert "x-model-version" not in invoker.handler(post("{}"), None)["headers"]


def test_consecutive_requests_use_one_connection(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))

    for _ in range(3):
        invoker.handler(post("{}"), None)

    assert len(runtime.connections) == 3
    assert len(set(runtime.connections)) == 1


def test_a_request_is_signed_for_the_service_and_the_region(start_invoker: Import, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))

    start_invoker(runtime.url, AWS_SESSION_TOKEN="of a role").handler(post("{}"), None)

    headers = runtime.requests[0].headers
    scope = f"Credential=test/{headers['x-amz-date'][:8]}/eu-west-1/sagemaker/aws4_request"
    assert headers["authorization"].startswith(f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=")
    assert headers["x-amz-security-token"] == "of a role"


def test_a_failed_request_is_one_line_of_the_log_without_its_body(
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


def test_an_unexpected_exception_is_in_the_log_and_not_in_the_response(
    invoker: ModuleType, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.respond(prediction(GOOD))

    class Broken(Context):
        def get_remaining_time_in_millis(self) -> int:
            raise KeyError("the secret")

    answer = invoker.handler(post("{}"), Broken())

    assert_problem(answer, 500)
    assert "the secret" not in answer["body"]
    [line] = capsys.readouterr().out.splitlines()
    assert "KeyError" in json.loads(line)["error"]


def test_a_successful_request_writes_no_log(
    invoker: ModuleType, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.respond(prediction(GOOD))

    invoker.handler(post("{}"), None)

    assert capsys.readouterr().out == ""
