"""HTTP facts of problem documents (RFC 9457) that server, gateway and API description share."""

from http import HTTPStatus
from typing import Any

from bundle.request_schema import MAX_BODY_BYTES, MAX_ROWS

PROBLEM_MEDIA_TYPE = "application/problem+json"

# Limits of one request, the reason for 413, as part of a sentence.
REQUEST_LIMITS = f"{MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes"

# Retry-After of an overload, which is usually over a moment later.
RETRY_AFTER_SECONDS = 1

# Before Python 3.13, `http` has the reason phrases of RFC 7231 and RFC 4918 for these.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}


def title_of(status: int) -> str:
    """Returns the reason phrase of an HTTP status in RFC 9110, the same on every version of Python.

    Raises:
        ValueError: When there is no such status.
    """
    return _TITLES.get(status) or HTTPStatus(status).phrase


def problem_document(status: int, detail: str) -> dict[str, Any]:
    """Returns the members that every problem document has, in the order in which they are sent."""
    return {"type": "about:blank", "title": title_of(status), "status": int(status), "detail": detail}
