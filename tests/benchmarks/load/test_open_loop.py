"""Open loop: requests are sent when they are due, and latency counts from then."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from benchmarks.load.open_loop import LOST, Client, Response, send

OK = Response(200, b"")


class Clock:
    """A clock that a sleep advances."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class OneThread(Executor):
    """Runs each call at once, in the thread that submits it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = Future[Any]()
        future.set_result(fn(*args, **kwargs))
        return future


def test_latency_counts_from_when_a_request_was_due() -> None:
    # Given a service that takes a second for the first request, and no time for others
    clock = Clock()

    def exchange(number: int) -> Response:
        clock.sleep(0.0 if number else 1.0)
        return OK

    # When one thread sends two requests a second
    found = send(
        exchange,
        rate=2,
        is_over=lambda seconds: seconds >= 2.0,
        threads=OneThread,
        clock=clock,
        sleep=clock.sleep,
    )

    # Then the request that was due during the first one has waited, and those after it have not
    assert [one.due for one in found] == [0.0, 0.5, 1.0, 1.5]
    assert [one.seconds for one in found] == [1.0, 0.5, 0.0, 0.0]


def test_a_request_is_sent_while_earlier_ones_wait_for_their_responses() -> None:
    # Given a service that answers nothing before it has both requests
    both = threading.Barrier(2)

    def exchange(number: int) -> Response:
        both.wait(timeout=30)
        return Response(200 + number, b"")

    found = send(exchange, rate=1000, is_over=lambda seconds: seconds >= 0.002)

    assert [one.response.status for one in found] == [200, 201]


class Service(BaseHTTPRequestHandler):
    """Returns the body with status 200, 503 for b, and closes the connection without a response for c.

    It closes the connection after the response for d, as a server does with an idle one: without a notice.
    """

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if body == b"c":
            self.close_connection = True
            return
        assert (self.path, self.headers["x-api-key"]) == ("/predict", "k")
        self.send_response(503 if body == b"b" else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = body == b"d"

    def log_message(self, *_: object) -> None:
        """Prints nothing."""


class Server(ThreadingHTTPServer):
    """A server that says when it has closed a connection."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Service)
        self.closed = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/predict"

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.closed.set()


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_an_error_and_a_lost_response_are_told_apart_and_the_next_request_gets_one() -> None:
    with serving() as server, Client(server.url, {"x-api-key": "k"}, ["a", "b", "c"]) as client:
        found = [client(number) for number in range(4)]

    assert found == [Response(200, b"a"), Response(503, b"b"), Response(LOST, b""), Response(200, b"a")]


def test_a_request_is_not_lost_on_a_connection_that_the_server_closed_while_it_was_idle() -> None:
    with serving() as server, Client(server.url, {"x-api-key": "k"}, ["d", "a"]) as client:
        first = client(0)
        assert server.closed.wait(timeout=30)
        second = client(1)

    assert (first, second) == (Response(200, b"d"), Response(200, b"a"))
