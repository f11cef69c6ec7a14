"""Error responses as problem details (RFC 9457): the table of causes, and the exception that carries one."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

_MEDIA_TYPE = "application/problem+json"
_REFUSED = "The model refused this request."


class Cause(NamedTuple):
    """One cause of an error response.

    Attributes:
        status: HTTP status.
        title: Reason phrase of RFC 9110, which older versions of Python do not have for every status.
        detail: Sentence for the client, unless the code that raises the problem has a more precise one.
        retry_after: Seconds for the header Retry-After, None if a retry would fail too.
    """

    status: int
    title: str
    detail: str
    retry_after: int | None = None


# A zip cannot import api/error_table.py: a test holds status, title and retry_after equal to its table.
CAUSES = {
    "refused": Cause(400, "Bad Request", "No model could answer this request."),
    "no_route": Cause(404, "Not Found", "No resource of the API has this path."),
    "no_method": Cause(405, "Method Not Allowed", "The resource does not allow this method."),
    "too_large": Cause(413, "Content Too Large", "The request is larger than the model's host accepts."),
    "encoded": Cause(
        415, "Unsupported Media Type", "The body is compressed: send it without the header Content-Encoding."
    ),
    "throttled": Cause(429, "Too Many Requests", "Too many requests at once.", 1),
    "unexpected": Cause(500, "Internal Server Error", "The request failed because of an internal error."),
    "model_failed": Cause(502, "Bad Gateway", "The model failed on this request."),
    "model_garbled": Cause(502, "Bad Gateway", "The model's response is not a prediction."),
    "host_failed": Cause(502, "Bad Gateway", "The service that hosts the model failed."),
    "unreachable": Cause(502, "Bad Gateway", "The model could not be reached."),
    "not_ready": Cause(503, "Service Unavailable", "The model is not ready to answer.", 10),
    "paused": Cause(
        503,
        "Service Unavailable",
        "The service is paused, and no model is running: its operators start it again with `make wake`.",
        300,
    ),
    "out_of_time": Cause(504, "Gateway Timeout", "The model did not answer in time."),
}

# Error code of an AWS API -> cause.
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_Errors
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
_CAUSES_BY_CODE = {
    "InternalDependencyException": "host_failed",
    "InternalFailure": "host_failed",
    "InternalServerException": "host_failed",
    "ModelNotReadyException": "not_ready",
    "RequestTooLargeException": "too_large",
    "ResourceConflictException": "not_ready",
    "ResourceNotFoundException": "not_ready",
    "ResourceNotReadyException": "not_ready",
    "ServiceException": "host_failed",
    "ServiceUnavailable": "not_ready",
    "ServiceUnavailableException": "not_ready",
    "Throttling": "throttled",
    "ThrottlingException": "throttled",
    "TooManyRequestsException": "throttled",
}
_CAUSES_BY_STATUS = {413: "too_large", 429: "throttled", 503: "not_ready", 504: "out_of_time"}

_TITLES = {cause.status: cause.title for cause in CAUSES.values()} | {422: "Unprocessable Content"}


def cause_of(code: str, status: int) -> str:
    """Returns the cause for an error response of an AWS API: by its code, else by its status."""
    fallback = "host_failed" if status >= 500 else "unexpected"
    return _CAUSES_BY_CODE.get(code) or _CAUSES_BY_STATUS.get(status, fallback)


class ProblemError(Exception):
    """A request that fails with a problem document.

    Args:
        cause: Key of `CAUSES`.
        detail: Sentence for the client, more precise than the cause's own.
        members: Further members of the document, or replacements for those of the cause.
        headers: Further response headers, such as Allow.
        evidence: Facts for the log; never a request's or a response's body.

    Attributes:
        cause: Key of `CAUSES`.
        status: HTTP status.
        headers: Response headers.
        evidence: Facts for the log.
    """

    def __init__(
        self,
        cause: str,
        detail: str = "",
        *,
        members: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        evidence: Mapping[str, object] | None = None,
    ) -> None:
        status, title, known_detail, retry_after = CAUSES[cause]
        super().__init__(detail or known_detail)
        self.cause = cause
        self._document = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail or known_detail,
            **(members or {}),
        }
        self.status: int = self._document["status"]
        retry = {} if retry_after is None else {"retry-after": str(retry_after)}
        self.headers: Mapping[str, str] = {"content-type": _MEDIA_TYPE, **retry, **(headers or {})}
        self.evidence = dict(evidence or {})

    def encode(self, request_id: str) -> str:
        """Returns the problem document as JSON."""
        return json.dumps(self._document | {"request_id": request_id})

    def log_record(self, request_id: str) -> str:
        """Returns the log record as one line of JSON."""
        record = {"request_id": request_id, "cause": self.cause, "status": self.status}
        return json.dumps(record | self.evidence)


def model_problem(status: int, body: str, evidence: Mapping[str, object]) -> ProblemError:
    """Returns the problem for an error response of the model.

    Args:
        status: HTTP status of the model's response, 0 without a response.
        body: Body of the response; a refused request has a problem document.
        evidence: Facts for the log.
    """
    if 400 <= status < 500:
        return ProblemError("refused", members=_complete(body, status), evidence=evidence)
    causes = {503: "not_ready", 504: "out_of_time"}
    return ProblemError(causes.get(status, "model_failed"), evidence=evidence)


def _complete(body: str, status: int) -> dict[str, Any]:
    """Returns the model's problem document with all required members; other containers may omit some."""
    document = _parse(body)
    required = {"type": "about:blank", "title": _title(status), "detail": _REFUSED}
    found = {name: document[name] for name in required if isinstance(document.get(name), str)}
    return document | required | found | {"status": status}


def _parse(body: str) -> dict[str, Any]:
    try:
        document = json.loads(body)
        json.dumps(document, allow_nan=False)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _title(status: int) -> str:
    try:
        return _TITLES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Client Error"
