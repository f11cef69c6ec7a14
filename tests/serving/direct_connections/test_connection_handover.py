"""Handovers: which connections are handed over and recalled, and what becomes of their requests."""

import asyncio
import os
import socket
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from typing import Any, cast

import pytest

from serving.direct_connections import handover_memory
from serving.direct_connections.connection_handover import IDLE_TICKS, LONE_REQUESTS, ConnectionHandover
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
        """Whether it was sent the socket of a connection."""
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


def test_a_connection_is_handed_over_after_a_few_requests_that_came_alone() -> None:
    async def case(setup: Setup) -> None:
        setup.handover.tick()
        await setup.ask(LONE_REQUESTS - 1)
        before = setup.connection.handed_over
        await setup.ask(1)

        assert not before
        assert setup.connection.handed_over
        assert setup.worker.heads == [RepeatedHead(HEAD[:-5], b"\r\n\r\n", METADATA)]
        assert setup.worker.holds(setup.connection)

    run(case)


def test_connections_that_take_turns_are_not_handed_over() -> None:
    async def case(setup: Setup) -> None:
        setup.handover.tick()
        for _ in range(5):
            await setup.ask(LONE_REQUESTS - 1)
            await setup.ask(LONE_REQUESTS - 1, setup.other)
        for _ in range(5):
            await setup.ask(LONE_REQUESTS - 1)
            setup.handover.last = None

        assert not setup.connection.handed_over
        assert not setup.other.handed_over

    run(case)


def test_there_is_one_handover_at_a_time_and_one_a_tick_at_most() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        await setup.ask(LONE_REQUESTS, setup.other)
        setup.handover.tick()
        await setup.ask(LONE_REQUESTS, setup.other)
        of_two = setup.other.handed_over
        await setup.hand_back()
        await setup.ask(LONE_REQUESTS)
        in_a_tick = setup.connection.handed_over
        setup.handover.tick()
        await setup.ask(LONE_REQUESTS)

        assert not of_two
        assert not in_a_tick
        assert setup.connection.handed_over

    run(case)


@pytest.mark.parametrize("obstacle", ["in use", "no worker", "closed", "no length"])
def test_a_connection_is_not_handed_over_when_something_is_in_the_way(obstacle: str) -> None:
    async def case(setup: Setup) -> None:
        setup.handover.tick()
        setup.connection.quiet = obstacle != "in use"
        setup.idle = None if obstacle == "no worker" else setup.worker
        if obstacle == "closed":
            setup.handover.close()
        exchange = setup.exchange()
        if obstacle == "no length":
            exchange.head = b"POST / HTTP/1.1\r\n\r\n"
        for _ in range(LONE_REQUESTS):
            setup.handover.note(exchange)
        await asyncio.sleep(0)

        assert not setup.connection.handed_over
        assert setup.worker.heads == []
        assert setup.handover.handed_over == 0

    run(case)


def test_a_connection_that_cannot_be_sent_is_taken_back() -> None:
    async def case(setup: Setup) -> None:
        setup.worker.own.close()
        setup.handover.tick()
        await setup.ask(LONE_REQUESTS)

        assert setup.connection.taken_back == [{}]
        assert setup.worker.heads == []

    run(case)


def test_a_returned_connection_goes_on_in_the_front() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        await setup.hand_back()

        assert setup.connection.taken_back == [{"is_broken": False}]

    run(case)


def test_what_the_worker_left_is_given_to_the_connection() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.receive(b"GET", setup.connection)
        await setup.hand_back()
        setup.handover.tick()
        await setup.ask(LONE_REQUESTS)
        setup.worker.written.leave(b"rest")
        await setup.hand_back()

        assert setup.connection.taken_back == [{"received": b"GET"}, {"unsent": b"rest"}]

    run(case)


def test_records_are_read_at_each_tick_and_before_the_connection_is_taken_back() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.written.write(RECORD)
        setup.handover.tick()
        after_tick = [*setup.records]
        setup.worker.written.write(RECORD)
        await setup.hand_back()

        assert after_tick == [RECORD]
        assert setup.records == [RECORD, RECORD]
        assert setup.connection.records == [(ROUTE, RECORD), (ROUTE, RECORD)]

    run(case)


def test_a_connection_without_requests_is_recalled() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        for _ in range(IDLE_TICKS):
            setup.handover.tick()
            setup.worker.written.write(RECORD)
        busy = setup.worker.recalls
        for _ in range(IDLE_TICKS - 1):
            setup.handover.tick()
        before = setup.worker.recalls
        setup.handover.tick()
        setup.handover.tick()

        assert (busy, before, setup.worker.recalls) == (0, 0, 1)

    run(case)


def test_a_connection_whose_request_takes_long_is_not_recalled() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.written.enter(handover_memory.ANSWERING)
        for _ in range(2 * IDLE_TICKS):
            setup.handover.tick()

        assert setup.worker.recalls == 0
        assert setup.handover.is_answering(setup.worker)
        assert not setup.handover.is_answering(setup.stranger)

    run(case)


def test_a_handover_that_closes_recalls_the_connection() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.handover.close()

        assert setup.worker.recalls == 1

    run(case)


def test_a_worker_is_overdue_when_its_request_takes_longer_than_it_may() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.receive(HEAD + b"1", setup.connection)
        arrived = setup.worker.memory.arrived
        waiting = setup.handover.is_overdue(setup.worker, arrived + 100)
        setup.worker.written.enter(handover_memory.ANSWERING)

        assert not waiting
        assert not setup.handover.is_overdue(setup.worker, arrived + 1.9)
        assert setup.handover.is_overdue(setup.worker, arrived + 2.1)
        assert not setup.handover.is_overdue(setup.stranger, arrived + 2.1)

    run(case)


@pytest.mark.parametrize(
    ("stage", "broken"),
    [(handover_memory.WAITING, False), (handover_memory.RECEIVING, True), (handover_memory.SENDING, True)],
)
def test_the_connection_of_a_lost_worker_goes_on_unless_something_may_be_missing(
    stage: int, broken: bool
) -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.written.write(RECORD)
        setup.worker.written.enter(stage)
        setup.worker.own.close()
        await asyncio.sleep(0)

        assert setup.handover.lost(setup.worker) is None
        assert setup.connection.taken_back == [{"is_broken": broken}]
        assert setup.records == [RECORD]

    run(case)


def test_the_request_of_a_lost_worker_is_returned_to_be_retried() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.receive(HEAD + b"2", setup.connection)
        setup.worker.written.enter(handover_memory.ANSWERING)
        other = setup.handover.lost(setup.stranger)
        found = setup.handover.lost(setup.worker)

        assert other is None
        assert found
        assert (found.body, found.route, found.method) == (b"2", ROUTE, b"")
        assert found.arrived == setup.worker.memory.arrived
        assert found.inference == InferenceRequest("", b"2", METADATA)
        assert setup.connection.taken_back == [{"pending": found}]
        found.respond(Response(200, b"", b"{}"))
        assert setup.connection.replies == [Response(200, b"", b"{}")]

    run(case)


def test_the_end_of_a_worker_alone_does_not_end_the_handover_which_its_channel_reports() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.own.close()
        for _ in range(5):
            await asyncio.sleep(0)

        assert setup.connection.taken_back == []
        assert setup.handover.lost(setup.worker) is None
        assert setup.connection.taken_back == [{"is_broken": False}]

    run(case)
