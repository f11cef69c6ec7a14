"""Events of API Gateway for the invoker, and checks of its responses."""

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


class Context:
    """Lambda's context object, whose remaining time stands still."""

    aws_request_id = "call-1"

    def __init__(self, *, seconds: float = 12) -> None:
        self._milliseconds = int(1000 * seconds)

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


def post(body: str | None, *, headers: dict[str, str] | None = None, **event: Any) -> dict[str, Any]:
    """Event of POST /predict."""
    return {
        "resource": "/predict",
        "httpMethod": "POST",
        "headers": {"Content-Type": "application/json"} if headers is None else headers,
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"requestId": "request-1"},
        **event,
    }


def get(resource: str, *, method: str = "GET", **headers: str) -> dict[str, Any]:
    """Event of GET, or of another method without a body."""
    return post(None, resource=resource, httpMethod=method, headers=headers)


HEALTH = get("/health")


def document(answer: dict[str, Any]) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(answer["body"])
    return parsed


def assert_problem(answer: dict[str, Any], status: int, *, retry_after: str | None = None) -> None:
    """Asserts that a response is a complete problem document."""
    assert answer["statusCode"] == status
    headers = answer["headers"]
    assert headers["content-type"] == "application/problem+json"
    assert headers.get("retry-after") == retry_after
    found = document(answer)
    assert (found["type"], found["status"]) == ("about:blank", status)
    assert found["request_id"] == headers["x-request-id"]
    assert found["title"]
    assert found["detail"].endswith(".")
