"""Handovers with two workers and the connections of clients, without processes."""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from typing import Any, cast

from serving.direct_connections.connection_handovers import (
    REPEATED_REQUESTS,
    BorrowingWorker,
    ConnectionHandovers,
)
from serving.direct_connections.handover_messages import (
    HandOver,
    Recall,
    message_sockets,
    receive_message,
    send_return,
)
from serving.direct_connections.memory.handover_memory import HandoverMemory
from serving.direct_connections.memory.handover_slot import WAITING, HandoverSlot
from serving.http.exchange import Exchange, SharedConnection
from serving.http.response import Response, ResponseRecord
from serving.predict.request import InferenceRequest

METADATA = (b"application/json", b"", b"", b"")
HEAD = b"POST /invocations HTTP/1.1\r\ncontent-length: 1\r\n\r\n"
ROUTE = "invocations"
LOG_SAMPLE = 0.25
RECORD = ResponseRecord(200, 0.001, 1, 1, 2)


def connected() -> tuple[socket.socket, socket.socket]:
    """Returns the ends of the client and of the server of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        return client, listener.accept()[0]


class FakeConnection:
    """A connection that records how it is taken back."""

    def __init__(self) -> None:
        self.repeated = 0
        self.quiet = True
        self.handed_over = False
        self.taken_back: list[dict[str, Any]] = []
        self.records: list[tuple[str, ResponseRecord]] = []
        self.replies: list[Response] = []
        self.client, self.socket = connected()

    def close(self) -> None:
        self.client.close()
        self.socket.close()

    def hand_over(self) -> socket.socket | None:
        self.handed_over = self.quiet
        return self.socket if self.quiet else None

    def take_back(self, **left: Any) -> None:
        self.handed_over = False
        self.taken_back.append({name: value for name, value in left.items() if value})

    def record(self, route: str, record: ResponseRecord) -> None:
        self.records.append((route, record))

    def reply(self, _exchange: Exchange, response: Response) -> None:
        self.replies.append(response)


class FakeWorker:
    """A worker whose part the test plays, on the memory and the socket that a worker has."""

    def __init__(self) -> None:
        descriptor = HandoverMemory.create()
        self.memory, self.own_memory = HandoverMemory(descriptor), HandoverMemory(descriptor)
        os.close(descriptor)
        self.handovers, self.own = message_sockets()
        self.handovers.setblocking(False)
        self.own.setblocking(False)

    def close(self) -> None:
        self.handovers.close()
        self.own.close()

    def messages(self) -> list[HandOver | Recall]:
        """Receives the messages since the last call, and closes the connections that came with them."""
        found: list[HandOver | Recall] = []
        while True:
            try:
                message, descriptors = receive_message(self.own)
            except BlockingIOError:
                return found
            for descriptor in descriptors:
                os.close(descriptor)
            assert message
            found.append(message)

    def slot(self, number: int = 0) -> HandoverSlot:
        """A slot as the worker has it."""
        return self.own_memory.slots[number]

    def receive(self, data: bytes, connection: FakeConnection, number: int = 0) -> None:
        """Receives a request, as a worker does."""
        connection.client.send(data)
        self.slot(number).receive(connection.socket)

    def record(self, number: int = 0) -> None:
        """Records a response."""
        self.own_memory.records.write(number, RECORD)

    def respond(self, connection: FakeConnection, number: int = 0) -> None:
        """Receives a request and counts its response."""
        self.receive(b"request", connection, number)
        self.slot(number).enter(WAITING)
        self.own_memory.counts.count(0.001, 1, None)


class Setup:
    """Handovers to two workers, of the connections of three clients."""

    def __init__(self, stack: ExitStack) -> None:
        self.worker, self.other_worker = FakeWorker(), FakeWorker()
        self.connections = [FakeConnection() for _ in range(3)]
        self.connection = self.connections[0]
        for worker in (self.worker, self.other_worker):
            stack.callback(worker.close)
        for connection in self.connections:
            stack.callback(connection.close)
        self.workers: list[FakeWorker] = [self.worker]
        self.recorded: list[ResponseRecord] = []
        self.counted: list[int] = []
        self.handovers = ConnectionHandovers(
            lambda: cast("list[BorrowingWorker]", self.workers),
            self.recorded.append,
            lambda counts: self.counted.append(counts.responses),
            lambda body: 2.0 if body else 10.0,
            LOG_SAMPLE,
        )

    def exchange(self, connection: FakeConnection | None = None) -> Exchange:
        exchange = Exchange(lambda *_: None)
        exchange.head, exchange.route = HEAD, ROUTE
        exchange.connection = cast("SharedConnection", connection or self.connection)
        exchange.inference = InferenceRequest("", b"1", METADATA)
        return exchange

    async def ask(self, times: int, connection: FakeConnection | None = None) -> None:
        for _ in range(times):
            self.handovers.note(self.exchange(connection))
        await asyncio.sleep(0)

    async def hand_over(self, connection: FakeConnection | None = None) -> None:
        await self.ask(REPEATED_REQUESTS, connection)
        assert (connection or self.connection).handed_over
        self.worker.messages()

    async def hand_back(self, number: int = 0, connection: FakeConnection | None = None) -> None:
        send_return(self.worker.own, number)
        while (connection or self.connection).handed_over:
            await asyncio.sleep(0)


Case = Callable[[Setup], Coroutine[Any, Any, None]]


def run(case: Case) -> None:
    """Runs a case with a setup of its own."""

    async def run_case() -> None:
        with ExitStack() as stack:
            await case(Setup(stack))

    asyncio.run(run_case())
