"""A front without workers: real connections to routes that a test answers itself."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import uvloop

from serving.http.access_log import Journal
from serving.http.clients import Clients
from serving.http.exchange import Exchange
from serving.http.metrics import Metrics
from serving.http.response import JSON
from serving.routes import Route, Routes
from serving.workers.protocol import Answer
from tests.contract.process import Reply, read_many

SWEEP_SECONDS = 0.01
TIMEOUT_SECONDS = 20.0


class Front:
    """Two routes: /echo answers with the body at once, /later with `release`.

    Attributes:
        waiting: The requests to /later that have come.
        clients: The connections.
    """

    def __init__(self, *, limit: int) -> None:
        self.waiting: list[Exchange] = []
        routes = Routes(
            [
                Route("echo", "/echo", ("GET", "HEAD", "POST"), echo),
                Route("later", "/later", ("POST",), self.waiting.append),
            ]
        )
        journal = Journal(Metrics(), sample=0.0, clock=monotonic)
        self.clients = Clients(routes, journal, limit=limit, clock=monotonic)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ready = threading.Event()
        self._stopped = asyncio.Event()

    def run(self) -> None:
        """Answers until it is closed."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(self.clients.connect, sock=self._listener)
        self._ready.set()
        while not self._stopped.is_set():
            self.clients.sweep()
            await asyncio.sleep(SWEEP_SECONDS)
        server.close()

    def wait(self) -> None:
        """Waits until it listens."""
        self._ready.wait(TIMEOUT_SECONDS)

    def close(self) -> None:
        """Ends it."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    def release(self, place: int) -> None:
        """Answers a request to /later."""
        self._loop.call_soon_threadsafe(echo, self.waiting[place])

    def connect(self, *, buffer: int | None = None) -> socket.socket:
        """A connection, with a receive buffer of so many bytes."""
        connection = socket.socket()
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(self._listener.getsockname())
        return connection


def echo(exchange: Exchange) -> None:
    exchange.answer(Answer(200, JSON, exchange.body))


@contextmanager
def running(*, limit: int = 100) -> Iterator[Front]:
    """A front, while it is needed."""
    front = Front(limit=limit)
    thread = threading.Thread(target=front.run)
    thread.start()
    front.wait()
    try:
        yield front
    finally:
        front.close()
        thread.join()


def post(body: bytes, *headers: bytes, path: bytes = b"/echo") -> bytes:
    lines = [b"POST %b HTTP/1.1" % path, b"host: x", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def ask(front: Front, data: bytes, count: int = 1) -> list[Reply]:
    with front.connect() as client:
        client.sendall(data)
        return read_many(client, count)


def rest_of(client: socket.socket) -> bytes:
    """Everything until the server closes."""
    data = b""
    while chunk := client.recv(65_536):
        data += chunk
    return data


def until(happened: Callable[[], object]) -> None:
    deadline = monotonic() + TIMEOUT_SECONDS
    while not happened():
        assert monotonic() < deadline
        sleep(0.005)
