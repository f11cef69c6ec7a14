"""Every answer that is not a prediction, as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

# Cause -> HTTP status, and the seconds after which trying again makes sense.
CAUSES: dict[str, tuple[HTTPStatus, int | None]] = {
    "refused": (HTTPStatus.BAD_REQUEST, None),
    "no_route": (HTTPStatus.NOT_FOUND, None),
    "too_large": (HTTPStatus(413), None),
    "throttled": (HTTPStatus.TOO_MANY_REQUESTS, 1),
    "unexpected": (HTTPStatus.INTERNAL_SERVER_ERROR, None),
    "model_failed": (HTTPStatus.BAD_GATEWAY, None),
    "unreachable": (HTTPStatus.BAD_GATEWAY, None),
    "not_ready": (HTTPStatus.SERVICE_UNAVAILABLE, 10),
    "out_of_time": (HTTPStatus.GATEWAY_TIMEOUT, None),
}


class ProblemError(Exception):
    """A request that gets no prediction.

    Attributes:
        cause: Key of `CAUSES`.
        document: The problem document, without the request's id.
        retry_after: Seconds after which to try again, None when that would not help.
        evidence: What the log should hold besides; never a request's or an answer's body.
    """

    def __init__(
        self,
        cause: str,
        detail: str,
        *,
        document: Mapping[str, Any] | None = None,
        evidence: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        status, self.retry_after = CAUSES[cause]
        self.cause = cause
        self.document = (
            dict(document)
            if document
            else {
                "type": "about:blank",
                "title": status.phrase,
                "status": status.value,
                "detail": detail,
            }
        )
        self.evidence = dict(evidence or {})

    def response(self, request_id: str) -> dict[str, Any]:
        """The answer in the form an API Gateway proxy integration returns."""
        headers = {"content-type": "application/problem+json", "x-request-id": request_id}
        if self.retry_after is not None:
            headers["retry-after"] = str(self.retry_after)
        return {
            "statusCode": self.document["status"],
            "headers": headers,
            "body": json.dumps(self.document | {"request_id": request_id}),
        }

    def record(self, request_id: str) -> str:
        """The line of JSON for the log."""
        entry = {"request_id": request_id, "cause": self.cause, "status": self.document["status"]}
        return json.dumps(entry | self.evidence)
