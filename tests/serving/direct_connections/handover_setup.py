"""A handover with one idle worker and two clients, without processes."""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from typing import Any, cast

from serving.direct_connections.connection_handover import LONE_REQUESTS, ConnectionHandover
from serving.direct_connections.direct_connection import RETURNED
from serving.direct_connections.handover_memory import HandoverMemory
from serving.direct_connections.repeated_head import RepeatedHead
from serving.http.exchange import Exchange, SharedConnection
from serving.http.response import Response, ResponseRecord
from serving.predict.request import InferenceRequest

METADATA = (b"application/json", b"", b"", b"")
HEAD = b"POST /invocations HTTP/1.1\r\ncontent-length: 1\r\n\r\n"
ROUTE = "invocations"
RECORD = ResponseRecord(200, 0.001, 1, 1, 2)


class FakeConnection:
    """A connection that records how it is taken back."""

    def __init__(self) -> None:
        self.quiet = True
        self.handed_over = False
        self.taken_back: list[dict[str, Any]] = []
        self.records: list[tuple[str, ResponseRecord]] = []
        self.replies: list[Response] = []
        self.client, self._socket = socket.socketpair()

    def close(self) -> None:
        self.client.close()
        self._socket.close()

    def hand_over(self) -> int | None:
        self.handed_over = self.quiet
        return self._socket.fileno() if self.quiet else None

    def take_back(self, **left: Any) -> None:
        self.handed_over = False
        self.taken_back.append(left)

    def record(self, route: str, record: ResponseRecord) -> None:
        self.records.append((route, record))

    def reply(self, _exchange: Exchange, response: Response) -> None:
        self.replies.append(response)


class FakeWorker:
    """A worker whose part the test plays, on the memory and the socket that a worker has."""

    def __init__(self) -> None:
        descriptor = HandoverMemory.create()
        self.memory, self.written = HandoverMemory(descriptor), HandoverMemory(descriptor)
        os.close(descriptor)
        self.handovers, self.own = socket.socketpair()
        self.handovers.setblocking(False)
        self.own.setblocking(False)
        self.heads: list[RepeatedHead] = []
        self.recalls = 0

    def close(self) -> None:
        self.handovers.close()
        self.own.close()

    def answer_directly(self, head: RepeatedHead) -> None:
        self.heads.append(head)

    def recall(self) -> None:
        self.recalls += 1

    def holds(self, connection: FakeConnection) -> bool:
        """Whether the front has sent the socket of a connection to this worker."""
        _, descriptors, _, _ = socket.recv_fds(self.own, 1, 1)
        with socket.socket(fileno=descriptors[0]) as received:
            received.send(b"x")
        return connection.client.recv(1) == b"x"

    def receive(self, data: bytes, connection: FakeConnection) -> None:
        """Receives a request, as the direct_connection does."""
        connection.client.send(data)
        self.written.receive(connection._socket)


class Setup:
    """A handover with one idle worker, and the connections of two clients."""

    def __init__(self, stack: ExitStack) -> None:
        self.worker, self.stranger = FakeWorker(), FakeWorker()
        self.connection, self.other = FakeConnection(), FakeConnection()
        for part in (self.worker, self.stranger, self.connection, self.other):
            stack.callback(part.close)
        self.idle: FakeWorker | None = self.worker
        self.records: list[ResponseRecord] = []
        self.handover = ConnectionHandover(
            lambda: self.idle, self.records.append, lambda body: 2.0 if body else 10.0
        )

    def exchange(self, connection: FakeConnection | None = None) -> Exchange:
        exchange = Exchange(lambda *_: None)
        exchange.head, exchange.route = HEAD, ROUTE
        exchange.connection = cast("SharedConnection", connection or self.connection)
        exchange.inference = InferenceRequest("", b"1", METADATA)
        return exchange

    async def ask(self, times: int, connection: FakeConnection | None = None) -> None:
        for _ in range(times):
            self.handover.note(self.exchange(connection))
        await asyncio.sleep(0)

    async def hand_over(self) -> None:
        self.handover.tick()
        await self.ask(LONE_REQUESTS)
        assert self.connection.handed_over
        assert self.worker.holds(self.connection)

    async def hand_back(self) -> None:
        self.worker.own.send(RETURNED)
        while self.connection.handed_over:
            await asyncio.sleep(0)


Case = Callable[[Setup], Coroutine[Any, Any, None]]


def run(case: Case) -> None:
    """Runs a case with a setup of its own."""

    async def run_case() -> None:
        with ExitStack() as stack:
            await case(Setup(stack))

    asyncio.run(run_case())
