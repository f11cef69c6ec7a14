"""Calls to the model's host: request and response, signed attempts, and a deadline for each call."""

import json
import os
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from botocore.awsrequest import AWSPreparedRequest

from .aws_service import Limits, RequestSigner, http_session
from .call_errors import CallError, IncompleteError, call_error, is_retried, service_error
from .problem import ProblemError

_Result = TypeVar("_Result")

# Each abandoned call holds a thread until its server gives up.
_MAX_PENDING = 8
_ATTEMPTS = 2
_BACKOFF_SECONDS = 1.0
# While a service fails, the retries of an environment; each success allows one more.
_MOST_RETRIES = 50

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


_Job = tuple[Callable[[], Any], "queue.SimpleQueue[tuple[Any, Exception | None]]"]


class Caller:
    """Makes the calls for one model, of which at most eight are pending at a time."""

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(_MAX_PENDING)
        # Queues of the threads that wait for a call: to start a thread takes longer than to wake one.
        self._idle: list[queue.SimpleQueue[_Job]] = []

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
        self._thread().put((function, outcomes))
        try:
            result, error = outcomes.get(timeout=deadline.remaining())
        except queue.Empty:
            raise CallError("out_of_time", "The deadline passed during the call.") from None
        if error is not None:
            raise call_error(error) from error
        return result  # type: ignore[return-value]  # there is one without an error

    def _thread(self) -> "queue.SimpleQueue[_Job]":
        try:
            return self._idle.pop()
        except IndexError:
            jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
            threading.Thread(target=self._run, args=(jobs,), daemon=True).start()
            return jobs

    def _run(self, jobs: "queue.SimpleQueue[_Job]") -> None:
        while True:
            function, outcomes = jobs.get()
            outcome: tuple[Any, Exception | None]
            try:
                outcome = (function(), None)
            except Exception as error:
                outcome = (None, error)
            # Before the outcome, because the next call may follow at once.
            self._idle.append(jobs)
            self._slots.release()
            outcomes.put(outcome)
            del function, outcomes, outcome


class AwsResponse(NamedTuple):
    """Response of a service with a status below 300.

    Attributes:
        headers: Header values; names in any case.
        body: Bytes of the body.
    """

    headers: Mapping[str, str]
    body: bytes


class SignedRequests:
    """Sends signed requests to one service, on connections that are kept.

    Args:
        name: Name of the service in signatures.
        url: URL of the service.
        limits: Limits of its connections.
    """

    def __init__(self, name: str, url: str, limits: Limits) -> None:
        self._url = url
        self._sign = RequestSigner(name, url).sign
        self._http = http_session(url, limits)
        self._retries = _MOST_RETRIES

    def send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"") -> AwsResponse:
        """Sends a request, at most twice.

        Args:
            method: HTTP method.
            path: Path of the URL, percent-encoded.
            headers: Further headers; names in lower case.
            body: Body of the request.

        Raises:
            RefusedCallError: The service answers with an error.
            BotoCoreError: It does not answer.
            Exception: The response is malformed or incomplete.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                response = self._try(method, path, headers, body)
            except Exception as error:
                if attempt == _ATTEMPTS or not self._retries or not is_retried(error):
                    raise
            else:
                self._retries = min(_MOST_RETRIES, self._retries + 1)
                # A response that ends early is not asked for again: the host has done its work.
                return AwsResponse(response.headers, _read(response))
            self._retries -= 1
            time.sleep(random.uniform(0, _BACKOFF_SECONDS))  # noqa: S311  # spreads the retries
        raise AssertionError

    def _try(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Any:
        sent = {**headers}
        # Lambda recognizes recursive calls by it, and X-Ray the caller. It is not signed: proxies change it.
        if trace := os.environ.get("_X_AMZN_TRACE_ID"):
            sent["x-amzn-trace-id"] = quote(trace, safe="-=;:+&[]{}\"',")
        sent |= self._sign(method, path, headers, body)
        if method != "GET":
            sent["Content-Length"] = str(len(body))
        request = AWSPreparedRequest(method, self._url + path, sent, body or None, stream_output=True)
        response = self._http.send(request)
        if response.status_code >= 300:
            raise service_error(response, _read(response))
        return response


def _read(response: Any) -> bytes:
    body: bytes = response.content
    length = response.headers.get("content-length", "")
    # urllib3 1, which older runtimes of Lambda have, does not compare them.
    if length.isdecimal() and int(length) != len(body):
        raise IncompleteError(f"{len(body)} of {length} bytes")
    return body
