"""Calls to the model's host: request and response, timeouts and retries, and a deadline for each call."""

import json
import queue
import re
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn, TypeVar

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from .problem import ProblemError, cause_of

_Result = TypeVar("_Result")

# Two attempts take 9 seconds at worst, less than the 12 seconds of the function's own timeout.
PROMPT = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
# For hosts with cold starts: the request's deadline passes before read_timeout. The second attempt is for a
# kept-alive connection that the host has closed. Health checks of several models use one connection each.
PATIENT = Config(
    connect_timeout=1,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=50,
)

# Each abandoned call holds a thread until its server gives up.
_MAX_PENDING = 8

# Exception without a response -> cause. Timeouts come first because they are HTTPClientErrors too.
_CAUSES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((ConnectTimeoutError, ReadTimeoutError), "out_of_time"),
    ((HTTPClientError, EndpointConnectionError), "unreachable"),
    ((BotoCoreError,), "unexpected"),
    # botocore does not wrap all errors that other libraries raise for a malformed response.
    ((Exception,), "unreachable"),
)


_VERSION = re.compile(r"[\w.+-]{1,64}", re.ASCII)


class ModelRequest(NamedTuple):
    """Request to a model, whichever service hosts it.

    Attributes:
        body: Rows as JSON or CSV.
        content_type: Media type of the body.
        accept: Media types that the response may have.
        query: Query string of the URL, percent-encoded, each parameter after "&".
        id: Id of the request in the API, "" for a request of the invoker's own.
    """

    body: bytes
    content_type: str = "application/json"
    accept: str = "application/json"
    query: str = ""
    id: str = ""


class ModelResponse(NamedTuple):
    """Predictions as the container wrote them.

    Attributes:
        body: JSON, JSON Lines or CSV.
        content_type: Media type of the body.
        version: Version of the model, "" if the host did not name a valid one.
    """

    body: str
    content_type: str
    version: str


_OF_LINES = re.compile(r"text/csv|application/(x-)?(jsonlines|jsonl|ndjson)")


def read_inference_response(body: bytes, content_type: str, version: str) -> ModelResponse:
    """Checks a model's response.

    Raises:
        ProblemError: The body is neither a JSON object nor JSON Lines nor CSV, or not UTF-8.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode()
        is_prediction = (
            isinstance(json.loads(text), dict)
            if media_type == "application/json"
            else _OF_LINES.fullmatch(media_type) is not None
        )
    except (ValueError, RecursionError):
        is_prediction = False
    if not is_prediction or not (content_type.isascii() and content_type.isprintable()):
        raise ProblemError("model_garbled", evidence={"content_type": content_type, "bytes": len(body)})
    return ModelResponse(text, content_type, version if _VERSION.fullmatch(version) else "")


class Deadline:
    """Point in time by which a response is due.

    Args:
        seconds: Seconds from now; the deadline has passed if this is 0 or less.
        clock: Monotonic clock, in seconds.
    """

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def remaining(self) -> float:
        """Returns the seconds until the deadline, 0 after it."""
        return max(0.0, self._end - self._clock())

    def within(self, seconds: float) -> "Deadline":
        """Returns the earlier of this deadline and one `seconds` from now."""
        return Deadline(min(seconds, self.remaining()), clock=self._clock)


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


class Caller:
    """Makes the calls for one model, of which at most eight are pending at a time."""

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(_MAX_PENDING)

    def call(self, function: Callable[[], _Result], deadline: Deadline) -> _Result:
        """Returns the result of `function`, which runs in a thread that is abandoned at the deadline.

        botocore limits each wait for the network but not their sum: a server that sends a byte now and then
        keeps it waiting for ever.

        Raises:
            CallError: The call failed, or the deadline has passed.
            ProblemError: `function` raised it.
        """
        if not deadline.remaining():
            raise CallError("out_of_time", "The deadline passed before the call.")
        if not self._slots.acquire(blocking=False):
            raise CallError("unreachable", f"{_MAX_PENDING} earlier calls are still pending.")
        outcomes: queue.SimpleQueue[tuple[_Result | None, Exception | None]] = queue.SimpleQueue()
        threading.Thread(target=self._run, args=(function, outcomes), daemon=True).start()
        try:
            result, error = outcomes.get(timeout=deadline.remaining())
        except queue.Empty:
            raise CallError("out_of_time", "The deadline passed during the call.") from None
        if error is not None:
            _fail(error)
        return result  # type: ignore[return-value]  # there is one without an error

    def _run(self, function: Callable[[], _Result], outcomes: "queue.SimpleQueue[Any]") -> None:
        try:
            outcomes.put((function(), None))
        except Exception as error:
            outcomes.put((None, error))
        finally:
            self._slots.release()


def _fail(error: Exception) -> NoReturn:
    if isinstance(error, ProblemError):
        raise error
    if isinstance(error, ClientError):
        code = error.response["Error"].get("Code", "")
        cause = cause_of(code, error.response["ResponseMetadata"]["HTTPStatusCode"])
        raise CallError(cause, str(error), code=code, members=error.response) from error
    cause = next(cause for kinds, cause in _CAUSES if isinstance(error, kinds))
    # Messages of other libraries may quote the response.
    message = str(error) if isinstance(error, BotoCoreError) else type(error).__name__
    raise CallError(cause, message) from error
