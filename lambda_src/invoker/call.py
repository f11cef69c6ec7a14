"""One call of an AWS API, over when its deadline is."""

import queue
import threading
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from .causes import cause_of
from .deadline import Deadline
from .problem import ProblemError

Result = TypeVar("Result")

# Calls that are left behind must not gather for ever: each holds a thread until its own server gives up.
_MOST_LEFT = 8

# What goes wrong before there is an answer -> cause. A timeout is an HTTPClientError too, so it stands first.
_FAULTS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((ConnectTimeoutError, ReadTimeoutError), "out_of_time"),
    ((HTTPClientError, EndpointConnectionError), "unreachable"),
    ((BotoCoreError,), "unexpected"),
    # Of an answer that cannot be read: botocore lets some of those of other libraries through.
    ((Exception,), "unreachable"),
)


class CallError(Exception):
    """A call that was not answered, or with an error.

    Attributes:
        cause: Key of the table of causes.
        code: The API's own name of the error, "" when it gave none.
        members: What else its answer told.
        evidence: What the log should hold.
    """

    def __init__(self, cause: str, message: str, *, code: str = "", members: Any = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.code = code
        self.members: dict[str, Any] = members or {}
        self.evidence = ({"code": code} if code else {}) | {"error": message}


class Calls:
    """The calls of one model, so that those which another one leaves behind are not in their way."""

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(_MOST_LEFT)

    def ask(self, call: Callable[[], Result], deadline: Deadline) -> Result:
        """What a call of botocore returns, if it does in time.

        botocore limits each wait for the network but not their sum, and a server that sends a byte now and
        then keeps it for ever. So the call is made in a thread, which is left behind at the deadline.

        Raises:
            CallError: It was answered with an error, or not in time.
        """
        if not deadline.remaining():
            raise CallError("out_of_time", "There was no time left to ask.")
        if not self._slots.acquire(blocking=False):
            raise CallError("unreachable", "Many earlier calls are still not answered.")
        outcomes: queue.SimpleQueue[tuple[Result | None, Exception | None]] = queue.SimpleQueue()
        threading.Thread(target=self._run, args=(call, outcomes), daemon=True).start()
        try:
            result, error = outcomes.get(timeout=deadline.remaining())
        except queue.Empty:
            raise CallError("out_of_time", "There was no answer in the time for this request.") from None
        if error is not None:
            _fail(error)
        return result  # type: ignore[return-value]  # there is one without an error

    def _run(self, call: Callable[[], Result], outcomes: "queue.SimpleQueue[Any]") -> None:
        try:
            outcomes.put((call(), None))
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
    cause = next(cause for kinds, cause in _FAULTS if isinstance(error, kinds))
    # Only botocore's own words are known not to quote an answer.
    message = str(error) if isinstance(error, BotoCoreError) else type(error).__name__
    raise CallError(cause, message) from error
