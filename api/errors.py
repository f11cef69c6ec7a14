"""Errors of the API: the table of their statuses, titles, causes and delays before a retry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bundle import MAX_BODY_BYTES, MAX_ROWS

Auth = Literal["key", "iam"]
Path = Literal["/predict", "/health", "/openapi.json"]

_EVERYWHERE: tuple[Path, ...] = ("/predict", "/health", "/openapi.json")
_MODEL: tuple[Path, ...] = ("/predict", "/health")
_PREDICT: tuple[Path, ...] = ("/predict",)
_ELSEWHERE: tuple[Path, ...] = ()

_LIMITS = f"{MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes"


@dataclass(frozen=True, kw_only=True)
class ApiError:
    """One error status of the API.

    Attributes:
        status: HTTP status.
        title: Reason phrase of RFC 9110, the `title` of the problem document.
        when: Cause of the error, as a sentence for clients.
        detail: Example of the `detail` of the problem document; {routes} stands for all routes of the API,
            {predict} for the path of predictions.
        retry_after: Seconds in the header Retry-After, None without the header.
        paths: Paths whose own methods may return the error.
        auth: Authorization with which the error exists, None for both.
    """

    status: int
    title: str
    when: str
    detail: str
    retry_after: int | None = None
    paths: Sequence[Path] = _PREDICT
    auth: Auth | None = None


ERRORS = (
    ApiError(
        status=400,
        title="Bad Request",
        when="The body is not what its content type says, or a query parameter is unknown, twice or wrong.",
        detail="The body is not JSON: send one row as a JSON object, in UTF-8.",
    ),
    ApiError(
        status=403,
        title="Forbidden",
        when="There is no valid API key in the header x-api-key, or a firewall refused the request.",
        detail="A valid API key is needed in the header x-api-key.",
        auth="key",
    ),
    ApiError(
        status=403,
        title="Forbidden",
        when="There is no valid AWS signature (version 4) of a caller with permission, or no such path, or a "
        "firewall refused the request.",
        detail="There is {routes}; POST {predict} is for requests with an AWS signature (version 4).",
        auth="iam",
    ),
    ApiError(
        status=404,
        title="Not Found",
        when="There is no such path.",
        detail="There is {routes}.",
        paths=_ELSEWHERE,
        auth="key",
    ),
    ApiError(
        status=405,
        title="Method Not Allowed",
        when="The path has no such method; the header Allow names those it has.",
        detail="The methods of {predict} are POST.",
        paths=_ELSEWHERE,
    ),
    ApiError(
        status=406,
        title="Not Acceptable",
        when="The header Accept takes neither application/json nor text/csv.",
        detail="The answer may be application/json or text/csv.",
    ),
    ApiError(
        status=413,
        title="Content Too Large",
        when=f"The request is over the limits of one request: {_LIMITS}.",
        detail=f"A request may have {_LIMITS}: send several requests.",
    ),
    ApiError(
        status=415,
        title="Unsupported Media Type",
        when="The content type is neither JSON nor CSV in UTF-8, or the body is compressed.",
        detail="The content type is 'text/xml': send application/json or text/csv, in UTF-8.",
    ),
    ApiError(
        status=422,
        title="Unprocessable Content",
        when="A row is not what the fields allow: `errors` names each wrong row, field and rule.",
        detail="The request has 1 errors in 1 of its 1 rows.",
    ),
    ApiError(
        status=429,
        title="Too Many Requests",
        when="Requests come faster than they are allowed to.",
        detail="Too many requests at once.",
        retry_after=1,
        paths=_EVERYWHERE,
    ),
    ApiError(
        status=500,
        title="Internal Server Error",
        when="The API failed.",
        detail="The request failed.",
        paths=_EVERYWHERE,
    ),
    ApiError(
        status=502,
        title="Bad Gateway",
        when="The model failed on this request, or could not be reached.",
        detail="The model failed on this request.",
        paths=_EVERYWHERE,
    ),
    ApiError(
        status=503,
        title="Service Unavailable",
        when="The model is not ready: it is being started or updated, has failed, or has too many requests.",
        detail="The model is not ready to answer.",
        retry_after=10,
        paths=_MODEL,
    ),
    ApiError(
        status=504,
        title="Gateway Timeout",
        when="The model did not answer in time.",
        detail="The model did not answer in time.",
        paths=_EVERYWHERE,
    ),
)


TITLES = {error.status: error.title for error in ERRORS}
# Response headers that CORS lets pages of other origins read.
EXPOSED_HEADERS = ("x-model-version", "x-request-id", "retry-after")


def errors_of(path: Path, auth: Auth) -> list[ApiError]:
    """Returns the errors of a path's own methods, in the order of their statuses."""
    return [error for error in ERRORS if path in error.paths and error.auth in (None, auth)]
