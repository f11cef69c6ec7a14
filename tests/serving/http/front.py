"""An HTTP front without workers: real connections to routes with responses of the test."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import TypeVar

import uvloop

from serving.http.connection import Connection
from serving.http.exchange import Exchange
from serving.http.metrics import AccessLog, ServerMetrics
from serving.http.open_connections import Clients
from serving.http.response import JSON_HEAD, Response
from serving.http.route import Route
from serving.routes import Routes
from tests.contract.support.process import Reply, read_many

SWEEP_SECONDS = 0.01
# Bounds a hang only.
HANG_SECONDS = 60.0

T = TypeVar("T")


class Front:
    """A server with two routes: /echo responds with the body at once, /later when `release` is called.

    Attributes:
        waiting: The requests to /later, in the order of their arrival.
        clients: The open connections.
    """

    def __init__(self, *, limit: int, clock: Callable[[], float]) -> None:
        self.waiting: list[Exchange] = []
        routes = Routes(
            [
                Route("echo", "/echo", ("GET", "HEAD", "POST"), echo),
                Route("later", "/later", ("POST",), self.waiting.append),
            ]
        )
        self.access_log = AccessLog(ServerMetrics(), sample=0.0, clock=clock)
        self.clients = Clients(routes.find, self.access_log, limit=limit, clock=clock)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ready = threading.Event()
        self._stopped = asyncio.Event()

    def run(self) -> None:
        """Serves until it is closed."""
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
        assert self._ready.wait(HANG_SECONDS)

    def close(self) -> None:
        """Stops the server."""
        self._loop.call_soon_threadsafe(self._stopped.set)

    def release(self, position: int) -> None:
        """Responds to a request to /later."""
        self._loop.call_soon_threadsafe(echo, self.waiting[position])

    def do(self, action: Callable[[Connection], T]) -> T:
        """Does something with the only open connection in the server's thread; returns the result."""

        async def run() -> T:
            (connection,) = self.clients._open
            return action(connection)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(HANG_SECONDS)

    def phases(self) -> list[str]:
        """Returns the phase of the request reader on each open connection."""
        return [connection._reader.phase.name for connection in tuple(self.clients._open)]

    def is_paused(self) -> bool:
        """Whether the server waits for a client to read its responses."""
        return any(not connection._writable for connection in tuple(self.clients._open))

    def connect(self, *, buffer: int | None = None) -> socket.socket:
        """Returns a connection; `buffer` is the size of its receive buffer in bytes."""
        connection = socket.socket()
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.settimeout(HANG_SECONDS)
        connection.connect(self._listener.getsockname())
        return connection


def echo(exchange: Exchange) -> None:
    exchange.respond(Response(200, JSON_HEAD, exchange.body))


@contextmanager
def running(*, limit: int = 100, clock: Callable[[], float] = monotonic) -> Iterator[Front]:
    """Runs a front in a thread."""
    front = Front(limit=limit, clock=clock)
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
    """Returns everything that the server sends until it closes the connection."""
    data = b""
    while chunk := client.recv(65_536):
        data += chunk
    return data


def until(condition: Callable[[], object]) -> None:
    deadline = monotonic() + HANG_SECONDS
    while not condition():
        assert monotonic() < deadline
        sleep(0.005)
