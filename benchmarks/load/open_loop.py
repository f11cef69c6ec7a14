"""Open loop: each request is sent when it is due, whether or not the earlier ones have got a response.

Latency is measured from the time when a request was due (Gil Tene, How NOT to Measure Latency).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import urllib3

# More than are ever in flight at the rates of a laptop; each has a connection of its own.
THREADS = 64
LOST = 0
_TIMEOUT_SECONDS = 60.0


class Response(NamedTuple):
    """Status and body of a response; status 0 if there was no complete one."""

    status: int
    body: bytes


class Answered(NamedTuple):
    """One request.

    Attributes:
        due: When it was due, in seconds from the start of the load.
        seconds: From when it was due to the end of its response.
        response: Its response.
    """

    due: float
    seconds: float
    response: Response


class Client:
    """Posts JSON to one URL on kept connections; opens those again that the server has closed while idle.

    Args:
        url: An http URL.
        headers: Headers of each request.
        bodies: Bodies that are sent in turn.
    """

    def __init__(self, url: str, headers: Mapping[str, str], bodies: Sequence[str]) -> None:
        parts = urlsplit(url)
        self._pool = urllib3.HTTPConnectionPool(
            parts.hostname or "", parts.port, maxsize=THREADS, timeout=_TIMEOUT_SECONDS
        )
        self._path = parts.path
        self._headers = {"content-type": "application/json", **headers}
        self._bodies = [body.encode() for body in bodies]

    def __call__(self, number: int) -> Response:
        """Sends one request and waits for its response."""
        body = self._bodies[number % len(self._bodies)]
        try:
            found = self._pool.urlopen("POST", self._path, body, self._headers, retries=False)
        except urllib3.exceptions.HTTPError:
            return Response(LOST, b"")
        return Response(found.status, found.data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()


def send(
    exchange: Callable[[int], Response],
    *,
    rate: float,
    is_over: Callable[[float], bool],
    threads: Callable[[], Executor] = lambda: ThreadPoolExecutor(THREADS),
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Answered]:
    """Sends requests at a constant rate and waits for all responses.

    Args:
        exchange: Sends the request of a number and returns its response.
        rate: Requests a second.
        is_over: Takes the seconds from the start and returns whether to stop sending.
        threads: Creates the threads that send.
        clock: Returns seconds that never decrease.
        sleep: Waits for so many seconds.

    Returns:
        The requests in the order in which they were due.
    """
    start = clock()

    def one(number: int) -> Answered:
        response, due = exchange(number), number / rate
        return Answered(due, clock() - start - due, response)

    futures: list[Future[Answered]] = []
    with threads() as pool:
        while not is_over(due := len(futures) / rate):
            sleep(max(0.0, start + due - clock()))
            futures.append(pool.submit(one, len(futures)))
        return [future.result() for future in futures]
