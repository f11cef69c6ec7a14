"""End of a handover: how a connection comes back, and what becomes of its requests."""

import asyncio

import pytest

from serving.direct_connections import handover_memory
from serving.direct_connections.connection_handover import IDLE_TICKS, LONE_REQUESTS
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
