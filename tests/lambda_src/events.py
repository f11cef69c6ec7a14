"""Requests as API Gateway hands them to the invoker, and what comes back."""

import json
from typing import Any

ROW = {"size": 1.0}
GOOD = {"predictions": [{"label": "yes", "probability": 0.63}], "model": {"name": "tiny", "version": "abc"}}
PROBLEM = {
    "type": "about:blank",
    "title": "Unprocessable Content",
    "status": 422,
    "detail": "The request has an error.",
    "errors": [{"row": 0, "field": "size", "rule": "is required"}],
}


def post(body: str | None, *, headers: dict[str, str] | None = None, **event: Any) -> dict[str, Any]:
    """POST /predict as API Gateway hands it over."""
    return {
        "resource": "/predict",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"} if headers is None else headers,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"requestId": "request-1"},
        **event,
    }


HEALTH = post(None, resource="/health", httpMethod="GET", headers={})


def document(answer: dict[str, Any]) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(answer["body"])
    return parsed
