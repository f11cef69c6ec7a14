"""POST /predict and GET /health, as API Gateway hands them over."""

import base64
import json
import os
import traceback
from typing import Any

from .endpoint import Endpoint
from .function import Function
from .problem import ProblemError

Event = dict[str, Any]

MODEL = (
    Function(os.environ["FUNCTION_NAME"])
    if "FUNCTION_NAME" in os.environ
    else Endpoint(os.environ["ENDPOINT_NAME"], has_cold_starts="COLD_STARTS" in os.environ)
)
HEALTH_INSTANCE = os.environ["HEALTH_INSTANCE"].encode()
MODEL_VERSION = os.environ["MODEL_VERSION"]


def handler(event: Event, context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda passes two arguments
    """Answers one request of the REST API's proxy integration.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    request_id = event["requestContext"]["requestId"]
    try:
        body, content_type = _answer(event)
    except ProblemError as problem:
        return _report(problem, request_id)
    except Exception:
        evidence = {"error": traceback.format_exc()}
        return _report(ProblemError("unexpected", "The request failed.", evidence=evidence), request_id)
    return {
        "statusCode": 200,
        "headers": {"content-type": content_type, "x-request-id": request_id},
        "body": body.decode(),
    }


def _report(problem: ProblemError, request_id: str) -> dict[str, Any]:
    print(problem.record(request_id))
    return problem.response(request_id)


def _answer(event: Event) -> tuple[bytes, str]:
    match event["httpMethod"], event["resource"]:
        case "POST", "/predict":
            return MODEL.invoke(_body(event), _content_type(event))
        case "GET", "/health":
            return _health(), "application/json"
    raise ProblemError("no_route", "There is POST /predict and GET /health.")


def _health() -> bytes:
    body, _ = MODEL.invoke(HEALTH_INSTANCE, "application/json")
    # The two versions differ while an update runs, and after one that was rolled back.
    health = {"status": "ok", "model": json.loads(body)["model"], "expected_version": MODEL_VERSION}
    return json.dumps(health).encode()


def _body(event: Event) -> bytes:
    body = event["body"] or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _content_type(event: Event) -> str:
    headers = event["headers"] or {}
    return next(
        (value for name, value in headers.items() if name.lower() == "content-type"), "application/json"
    )
