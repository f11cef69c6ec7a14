"""Errors of calls to AWS: error responses, which of them are retried, and their causes for the client."""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ConnectTimeoutError, HTTPClientError, ReadTimeoutError
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from urllib3.exceptions import ReadTimeoutError as BodyTimeoutError

from .problem import ProblemError, cause_of

# Error codes of these services that botocore's standard mode retries:
# https://docs.aws.amazon.com/boto3/latest/guide/retries.html#standard-retry-mode
_RETRIED_STATUSES = (500, 502, 503, 504)
_RETRIED_CODES = frozenset(
    {
        *("RequestTimeout", "RequestTimeoutException", "Throttling", "ThrottlingException"),
        *("TooManyRequestsException", "RequestLimitExceeded", "SlowDown", "EC2ThrottledException"),
    }
)
_UNANSWERED = (HTTPClientError, BotocoreConnectionError)

# Exception without a response -> cause. Timeouts come first because they are HTTPClientErrors too.
_CAUSES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((ConnectTimeoutError, ReadTimeoutError, BodyTimeoutError), "out_of_time"),
    (_UNANSWERED, "unreachable"),
    ((BotoCoreError,), "unexpected"),
    # botocore does not wrap all errors that other libraries raise for a malformed response.
    ((Exception,), "unreachable"),
)


class RefusedCallError(Exception):
    """Error response of a service.

    Attributes:
        status: HTTP status.
        code: Error code, such as ThrottlingException; the status of a response without a code.
        members: Members of the response.
    """

    def __init__(self, status: int, code: str, members: dict[str, Any]) -> None:
        super().__init__(f"{code}: {members.get('message') or members.get('Message') or ''}")
        self.status = status
        self.code = code
        self.members = members


class IncompleteError(Exception):
    """A response ended before its last byte."""


class CallError(Exception):
    """A call that failed or passed its deadline.

    Attributes:
        cause: Key of `CAUSES`.
        code: Error code of the AWS API, "" without one.
        members: Members of the AWS API's error response.
        evidence: Facts for the log.
    """

    def __init__(self, cause: str, message: str, *, code: str = "", members: Any = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.code = code
        self.members: dict[str, Any] = members or {}
        self.evidence = ({"code": code} if code else {}) | {"error": message}


def service_error(response: Any, body: bytes) -> RefusedCallError:
    """Returns the error of a response of botocore with a status of 300 or more."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        members = None
    members = members if isinstance(members, dict) else {}
    code = response.headers.get("x-amzn-errortype") or members.get("code") or members.get("Code") or ""
    name = str(code).partition(":")[0].rpartition("#")[2]
    return RefusedCallError(response.status_code, name or str(response.status_code), members)


def is_retried(error: Exception) -> bool:
    """Returns whether to retry: a second attempt may succeed."""
    if isinstance(error, RefusedCallError):
        return error.status in _RETRIED_STATUSES or error.code in _RETRIED_CODES
    return isinstance(error, _UNANSWERED)


def call_error(error: Exception) -> CallError | ProblemError:
    """Returns the error that a call raises in place of one of its attempts."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RefusedCallError):
        return CallError(
            cause_of(error.code, error.status), str(error), code=error.code, members=error.members
        )
    cause = next(cause for kinds, cause in _CAUSES if isinstance(error, kinds))
    # Messages of other libraries may quote the response.
    message = str(error) if isinstance(error, BotoCoreError) else type(error).__name__
    return CallError(cause, message)
