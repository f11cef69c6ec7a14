"""Errors of the API: the table of their statuses, titles, causes and delays before a retry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bundle import REQUEST_LIMITS, RETRY_AFTER_SECONDS, title_of

Auth = Literal["key", "iam"]
Path = Literal["/predict", "/", "/docs", "/model", "/health", "/openapi.json"]

_EVERYWHERE: tuple[Path, ...] = ("/predict", "/", "/docs", "/model", "/health", "/openapi.json")
_MODEL: tuple[Path, ...] = ("/predict", "/health")
_PREDICT: tuple[Path, ...] = ("/predict",)
_ELSEWHERE: tuple[Path, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApiError:
    """One error status of the API.

    Attributes:
        status: HTTP status.
        when: Cause of the error, as a sentence for clients.
        detail: Example of the `detail` of the problem document; {routes} stands for all routes of the API,
            {predict} for the path of predictions.
        retry_after: Seconds in the header Retry-After, None without the header.
        paths: Paths whose own methods may return the error.
        auth: Authorization with which the error exists, None for both.
    """

    status: int
    when: str
    detail: str
    retry_after: int | None = None
    paths: Sequence[Path] = _PREDICT
    auth: Auth | None = None

    @property
    def title(self) -> str:
        """Reason phrase of RFC 9110, the `title` of the problem document."""
        return title_of(self.status)


ERRORS = (
    ApiError(
        status=400,
        when="The body is not what its content type says, or a query parameter is unknown, twice or wrong.",
        detail="The body is not JSON: send one row as a JSON object, in UTF-8.",
        paths=("/predict", "/model"),
    ),
    ApiError(
        status=403,
        when="There is no valid API key in the header x-api-key, or a firewall refused the request.",
        detail="A valid API key is needed in the header x-api-key.",
        auth="key",
    ),
    ApiError(
        status=403,
        when="There is no valid AWS signature (version 4) of a caller with permission, or no such path, or a "
        "firewall refused the request.",
        detail="There is {routes}; POST {predict} is for requests with an AWS signature (version 4).",
        auth="iam",
    ),
    ApiError(
        status=404,
        when="There is no such path.",
        detail="There is {routes}.",
        paths=_ELSEWHERE,
        auth="key",
    ),
    ApiError(
        status=405,
        when="The path has no such method; the header Allow names those it has.",
        detail="The methods of {predict} are POST.",
        paths=_ELSEWHERE,
    ),
    ApiError(
        status=406,
        when="The header Accept takes none of application/json, application/jsonlines and text/csv.",
        detail="The answer may be application/json, application/jsonlines or text/csv.",
    ),
    ApiError(
        status=413,
        when=f"The request is over the limits of one request: {REQUEST_LIMITS}.",
        detail=f"A request may have {REQUEST_LIMITS}: send several requests.",
    ),
    ApiError(
        status=415,
        when="The content type is neither JSON, JSON Lines nor CSV in UTF-8, or the body is compressed.",
        detail="The content type is 'text/xml': send application/json, application/jsonlines or text/csv, in "
        "UTF-8.",
    ),
    ApiError(
        status=422,
        when="A row is not what the fields allow, or has a warning in a request with strict=true: `errors` "
        "names each wrong row, field and rule.",
        detail="The request has 1 error in 1 of its 1 rows.",
    ),
    ApiError(
        status=429,
        when="Requests come faster than they are allowed to.",
        detail="Too many requests at once.",
        retry_after=RETRY_AFTER_SECONDS,
        paths=_EVERYWHERE,
    ),
    ApiError(
        status=500,
        when="The API failed.",
        detail="The request failed.",
        paths=_EVERYWHERE,
    ),
    ApiError(
        status=502,
        when="The model failed on this request, or could not be reached.",
        detail="The model failed on this request.",
        paths=_EVERYWHERE,
    ),
    ApiError(
        status=503,
        when="The model is not ready: it is being started or updated, has failed, or has too many requests.",
        detail="The model is not ready to answer.",
        retry_after=10,
        paths=_MODEL,
    ),
    ApiError(
        status=503,
        when="The service is paused, and its endpoint deleted, until its operators start it again.",
        detail="The service is paused, and no model is running: its operators start it again with "
        "`make wake`.",
        retry_after=300,
        paths=_MODEL,
    ),
    ApiError(
        status=504,
        when="The model did not answer in time.",
        detail="The model did not answer in time.",
        paths=_EVERYWHERE,
    ),
)


# Response headers that CORS lets pages of other origins read.
EXPOSED_HEADERS = ("x-model-version", "x-request-id", "retry-after")


def errors_of(path: Path, auth: Auth) -> list[ApiError]:
    """Returns the errors of a path's own methods, in the order of their statuses."""
    return [error for error in ERRORS if path in error.paths and error.auth in (None, auth)]
