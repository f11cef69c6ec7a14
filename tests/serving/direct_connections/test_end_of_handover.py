"""End of a handover: how a connection comes back, and what becomes of its requests."""

import asyncio
import socket
from contextlib import suppress

import pytest

from serving.direct_connections.connection_handovers import IDLE_TICKS
from serving.direct_connections.handover_messages import Recall
from serving.direct_connections.memory import handover_slot
from serving.http.metric_counts import DirectCounts
from serving.http.response import Response
from serving.predict.request import InferenceRequest
from tests.serving.direct_connections.handover_setup import (
    HEAD,
    METADATA,
    RECORD,
    ROUTE,
    Setup,
    run,
)


def test_a_returned_connection_goes_on_in_the_front_and_the_others_in_the_worker() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        await setup.hand_over(setup.connections[1])
        await setup.hand_back()

        assert setup.connection.taken_back == [{}]
        assert setup.connections[1].handed_over
        assert setup.handovers.handed_over == 1

    run(case)


@pytest.mark.parametrize("left", ["received", "unsent"])
def test_what_the_worker_left_is_given_to_the_connection(left: str) -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        if left == "received":
            setup.worker.receive(b"bytes", setup.connection)
        else:
            setup.worker.slot().write_response(b"sent bytes", handover_slot.SENDING)
            setup.worker.slot().note_sent(5)
        await setup.hand_back()

        assert setup.connection.taken_back == [{left: b"bytes"}]

    run(case)


def test_records_are_read_at_each_tick_and_before_the_connection_is_taken_back() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        await setup.hand_over(setup.connections[1])
        setup.worker.record(0)
        setup.worker.record(1)
        setup.handovers.tick()
        after_tick = len(setup.recorded)
        setup.worker.record(0)
        await setup.hand_back()

        assert after_tick == 2
        assert setup.recorded == [RECORD] * 3
        assert setup.connection.records == [(ROUTE, RECORD), (ROUTE, RECORD)]
        assert setup.connections[1].records == [(ROUTE, RECORD)]

    run(case)


def test_counts_are_read_at_each_tick_and_before_the_connection_is_taken_back() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        for _ in range(2):
            setup.worker.respond(setup.connection)
        setup.handovers.tick()
        setup.worker.respond(setup.connection)
        await setup.hand_back()

        assert setup.counted == [2, 1]
        assert setup.recorded == []

    run(case)


def test_a_failure_that_comes_with_earlier_successes_is_recorded_after_them() -> None:
    async def case(setup: Setup) -> None:
        found: list[object] = []
        await setup.hand_over()
        setup.handovers._counted = found.append
        setup.handovers._recorded = found.append
        setup.worker.respond(setup.connection)
        setup.worker.record()
        setup.handovers.read_records()

        assert isinstance(found[0], DirectCounts)
        assert found[1:] == [RECORD]

    run(case)


def test_a_connection_without_requests_is_recalled_once() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        await setup.hand_over(setup.connections[1])
        for _ in range(IDLE_TICKS - 1):
            setup.worker.respond(setup.connections[1], 1)
            setup.handovers.tick()
        before = setup.worker.messages()
        for _ in range(2):
            setup.worker.respond(setup.connections[1], 1)
            setup.handovers.tick()

        assert before == []
        assert setup.worker.messages() == [Recall(0)]

    run(case)


def test_a_connection_whose_request_takes_long_is_not_recalled() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.slot().enter(handover_slot.ANSWERING)
        for _ in range(2 * IDLE_TICKS):
            setup.handovers.tick()

        assert setup.worker.messages() == []
        assert len(setup.handovers.answering(setup.worker)) == 1
        assert setup.handovers.answering(setup.other_worker) == []

    run(case)


def test_handovers_that_close_recall_all_connections_as_soon_as_the_worker_has_room_for_messages() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        await setup.hand_over(setup.connections[1])
        fill(setup.worker.handovers)
        setup.handovers.close()
        drain(setup.worker.own)
        setup.handovers.tick()
        setup.handovers.tick()

        assert setup.worker.messages() == [Recall(0), Recall(1)]

    run(case)


def fill(sender: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            sender.send(b"x")


def drain(receiver: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            receiver.recv(1)


def test_a_worker_is_overdue_when_a_request_takes_longer_than_it_may() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        await setup.hand_over(setup.connections[1])
        setup.worker.receive(HEAD + b"1", setup.connections[1], 1)
        arrived = setup.worker.memory.slots[1].arrived
        waiting = setup.handovers.is_overdue(setup.worker, arrived + 100)
        setup.worker.slot(1).enter(handover_slot.ANSWERING)

        assert not waiting
        assert not setup.handovers.is_overdue(setup.worker, arrived + 1.9)
        assert setup.handovers.is_overdue(setup.worker, arrived + 2.1)
        assert not setup.handovers.is_overdue(setup.other_worker, arrived + 2.1)

    run(case)


def test_what_a_worker_had_of_an_earlier_connection_is_not_given_to_the_next() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.receive(b"of the first", setup.connection)
        await setup.hand_back()
        await setup.hand_over(setup.connections[1])
        setup.handovers.lost(setup.worker)

        assert setup.connections[1].taken_back == [{}]

    run(case)


@pytest.mark.parametrize("received", [b"", b"request"])
def test_what_a_lost_worker_has_received_goes_on_in_the_front(received: bytes) -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.receive(b"earlier", setup.connection)
        # The worker ends before or after the system call, and notes nothing more.
        setup.worker.slot().enter(handover_slot.RECEIVING)
        setup.connection.client.sendall(b"request")
        if received:
            setup.connection.socket.recv_into(setup.worker.slot()._request)

        assert setup.handovers.lost(setup.worker) == []
        assert setup.connection.taken_back == ([{"received": received}] if received else [{}])

    run(case)


@pytest.mark.parametrize("sent", [0, 3, 8])
def test_the_front_sends_the_part_of_a_response_that_a_lost_worker_has_not_sent(sent: int) -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        slot = setup.worker.slot()
        for number, size in enumerate((7, sent)):
            message = b"earlier" if number == 0 else b"response"
            slot.write_response(message, handover_slot.SENDING)
            setup.connection.socket.send(message[:size])
            if number == 0:
                slot.note_sent(size)
        setup.worker.record()

        assert setup.handovers.lost(setup.worker) == []
        assert setup.connection.taken_back == ([{"unsent": b"response"[sent:]}] if sent < 8 else [{}])
        assert setup.recorded == [RECORD]

    run(case)


@pytest.mark.parametrize("stage", [handover_slot.RECEIVING, handover_slot.SENDING])
def test_a_connection_is_closed_where_the_kernel_does_not_count(
    stage: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")

    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.slot().enter(stage)
        setup.handovers.lost(setup.worker)

        assert setup.connection.taken_back == [{"is_broken": True}]

    run(case)


def test_the_requests_of_a_lost_worker_are_returned_to_be_retried() -> None:
    async def case(setup: Setup) -> None:
        for number, connection in enumerate(setup.connections):
            await setup.hand_over(connection)
            setup.worker.receive(HEAD + b"%d" % number, connection, number)
            setup.worker.slot(number).enter(handover_slot.ANSWERING)
        setup.worker.slot(0).enter(handover_slot.WAITING)
        others = setup.handovers.lost(setup.other_worker)
        found = setup.handovers.lost(setup.worker)

        assert others == []
        assert [exchange.body for exchange in found] == [b"1", b"2"]
        assert (found[0].route, found[0].method) == (ROUTE, b"")
        assert found[0].arrived == setup.worker.memory.slots[1].arrived
        assert found[0].inference == InferenceRequest("", b"1", METADATA)
        assert setup.connections[0].taken_back == [{}]
        assert setup.connections[1].taken_back == [{"pending": found[0]}]
        found[0].respond(Response(200, b"", b"{}"))
        assert setup.connections[1].replies == [Response(200, b"", b"{}")]
        assert setup.handovers.handed_over == 0

    run(case)


def test_the_end_of_a_worker_alone_does_not_end_the_handover_which_its_channel_reports() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        setup.worker.own.close()
        for _ in range(5):
            await asyncio.sleep(0)

        assert setup.connection.taken_back == []
        assert setup.handovers.lost(setup.worker) == []
        assert setup.connection.taken_back == [{}]

    run(case)
