import json
import re
from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest

from bundle import MAX_BODY_BYTES, MAX_ROWS
from tests.stacks.support.synthesis import Synthesis, Synthesizer

Answers = Mapping[str, Mapping[str, Any]]

# Values of API Gateway's variables: those whose names end in messageString are quoted, some after a space.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
MESSAGE = 'The signature "AB\\CD" does not match:\n\nGET\n/health\u00e9'
REQUEST_ID = "8f3c5f4a-1c6e-4c53-9d5e-6a2c9b1f0f3d"
VARIABLES = {"context.error.messageString": f" {json.dumps(MESSAGE)}", "context.requestId": REQUEST_ID}

STATUSES = {
    "ACCESS_DENIED": 403,
    "API_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_CONFIGURATION_ERROR": 500,
    "AUTHORIZER_FAILURE": 500,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "DEFAULT_4XX": 403,
    "DEFAULT_5XX": 500,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 502,
    "INTEGRATION_TIMEOUT": 504,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 404,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
}


def answers(synthesis: Synthesis) -> Answers:
    return {
        found["Properties"]["ResponseType"]: found["Properties"]
        for found in synthesis.all("AWS::ApiGateway::GatewayResponse").values()
    }


def headers(answer: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.removeprefix("gatewayresponse.header."): value
        for name, value in answer["ResponseParameters"].items()
    }


def document(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the body that API Gateway renders."""
    [(content_type, template)] = answer["ResponseTemplates"].items()
    assert content_type == "application/json"
    body = re.sub(r"\$([\w.]+\w)", lambda found: VARIABLES[found[1]], template)
    sent: dict[str, Any] = json.loads(body)
    return sent


@pytest.fixture(scope="module")
def found(stack: Synthesis) -> Answers:
    return answers(stack)


def test_every_gateway_response_type_has_a_template_and_a_status(found: Answers) -> None:
    kinds = botocore.session.get_session().get_service_model("apigateway").shape_for("GatewayResponseType")

    assert {kind: int(answer["StatusCode"]) for kind, answer in found.items()} == STATUSES
    assert set(STATUSES) == set(kinds.enum)


@pytest.mark.parametrize("kind", STATUSES)
def test_a_gateway_response_is_a_problem_document_with_any_values_of_variables(
    found: Answers, kind: str
) -> None:
    problem = document(found[kind])

    assert headers(found[kind])["Content-Type"] == "'application/problem+json'"
    assert headers(found[kind])["x-request-id"] == "context.requestId"
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    assert problem["status"] == STATUSES[kind]
    assert problem["request_id"] == REQUEST_ID
    assert problem["title"].istitle()
    assert problem["detail"] == MESSAGE or re.fullmatch(r"[A-Z].{15,}\.", problem["detail"])


def test_the_response_to_a_large_request_names_both_limits(found: Answers) -> None:
    detail = document(found["REQUEST_TOO_LARGE"])["detail"]

    assert f"{MAX_ROWS:,} rows" in detail
    assert f"{MAX_BODY_BYTES:,} bytes" in detail


def test_only_429_has_retry_after(found: Answers) -> None:
    waits = {kind: headers(answer).get("Retry-After") for kind, answer in found.items()}

    assert {kind: wait for kind, wait in waits.items() if wait} == {
        "THROTTLED": "'1'",
        "QUOTA_EXCEEDED": "'3600'",
    }


def test_with_iam_unknown_routes_and_unsigned_requests_are_forbidden(synthesizer: Synthesizer) -> None:
    answer = answers(synthesizer.one(auth="iam"))["MISSING_AUTHENTICATION_TOKEN"]

    assert (answer["StatusCode"], document(answer)["status"]) == ("403", 403)
    assert "signature" in document(answer)["detail"]


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ("*", "'*'"),
        ("https://app.example.com", "'https://app.example.com'"),
        ("https://app.example.com,http://localhost:3000", "method.request.header.Origin"),
    ],
)
def test_every_gateway_response_has_cors_headers_for_the_allowed_origins(
    synthesizer: Synthesizer, origins: str, allowed: str
) -> None:
    shared = answers(synthesizer.one(cors_origins=origins))

    assert set(shared) == set(STATUSES)
    for answer in shared.values():
        sent_headers = headers(answer)
        assert sent_headers["Access-Control-Allow-Origin"] == allowed
        assert sent_headers["Vary"] == "'Origin'"
        assert sent_headers["Access-Control-Expose-Headers"] == "'x-model-version, x-request-id, retry-after'"


def test_without_allowed_origins_no_gateway_response_has_cors_headers(found: Answers) -> None:
    assert not [name for answer in found.values() for name in headers(answer) if name.startswith("Access-")]
