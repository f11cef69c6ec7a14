"""Handovers: which connections are handed over, when, and to which worker."""

import asyncio

import pytest

from serving.direct_connections.connection_handovers import (
    IDLE_TICKS,
    REPEATED_REQUESTS,
    RETURNED_REQUESTS,
)
from serving.direct_connections.handover_messages import HandOver, Recall
from serving.direct_connections.memory.handover_memory import MAX_SLOTS
from serving.direct_connections.repeated_request_head import RepeatedRequestHead
from tests.serving.direct_connections.handover_setup import HEAD, METADATA, FakeConnection, Setup, run


def test_a_connection_is_handed_over_after_a_few_requests_with_one_head() -> None:
    async def case(setup: Setup) -> None:
        await setup.ask(REPEATED_REQUESTS - 1)
        before = setup.connection.handed_over
        await setup.ask(1)

        assert not before
        assert setup.connection.handed_over
        assert setup.worker.messages() == [HandOver(0, RepeatedRequestHead(HEAD[:-5], b"\r\n\r\n", METADATA))]
        assert setup.handovers.handed_over == 1

    run(case)


def test_connections_that_take_turns_are_each_handed_over_to_a_slot_of_their_own() -> None:
    async def case(setup: Setup) -> None:
        for _ in range(REPEATED_REQUESTS):
            for connection in setup.connections:
                await setup.ask(1, connection)

        assert [message.slot for message in setup.worker.messages()] == [0, 1, 2]
        assert setup.handovers.handed_over == 3
        await setup.hand_back(1, setup.connections[1])
        await setup.ask(RETURNED_REQUESTS, setup.connections[1])
        assert [message.slot for message in setup.worker.messages()] == [1]

    run(case)


def test_a_connection_that_its_worker_has_returned_is_handed_over_after_many_requests() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        await setup.hand_back()
        await setup.ask(RETURNED_REQUESTS - 1)
        before = setup.connection.handed_over
        await setup.ask(1)

        assert not before
        assert setup.connection.handed_over

    run(case)


def test_a_connection_that_was_recalled_is_handed_over_after_a_few_requests() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over()
        for _ in range(IDLE_TICKS + 1):
            setup.handovers.tick()
        await setup.hand_back()
        await setup.hand_over()

        assert setup.worker.memory.slots[0].stage == 0

    run(case)


@pytest.mark.parametrize("obstacle", ["in use", "no worker", "closed", "no length"])
def test_a_connection_is_not_handed_over_when_something_is_in_the_way(obstacle: str) -> None:
    async def case(setup: Setup) -> None:
        setup.connection.quiet = obstacle != "in use"
        setup.workers = [] if obstacle == "no worker" else [setup.worker]
        if obstacle == "closed":
            setup.handovers.close()
        exchange = setup.exchange()
        if obstacle == "no length":
            exchange.head = b"POST / HTTP/1.1\r\n\r\n"
        for _ in range(REPEATED_REQUESTS):
            setup.handovers.note(exchange)
        await asyncio.sleep(0)

        assert not setup.connection.handed_over
        assert setup.worker.messages() == []
        assert setup.handovers.handed_over == 0

    run(case)


def test_a_connection_that_cannot_be_sent_is_taken_back() -> None:
    async def case(setup: Setup) -> None:
        setup.worker.own.close()
        await setup.ask(REPEATED_REQUESTS)

        assert setup.connection.taken_back == [{}]
        assert setup.handovers.handed_over == 0
        # Nothing of the worker is kept.
        assert setup.handovers._handovers == {}

    run(case)


def test_connections_go_to_the_worker_with_the_fewest_busy_ones() -> None:
    async def case(setup: Setup) -> None:
        setup.workers = [setup.worker, setup.other_worker]
        for connection in setup.connections:
            await setup.ask(REPEATED_REQUESTS, connection)

        assert [len(worker.messages()) for worker in setup.workers] == [2, 1]

    run(case)


def test_a_worker_has_as_many_connections_as_slots() -> None:
    async def case(setup: Setup) -> None:
        many = [FakeConnection() for _ in range(MAX_SLOTS + 1)]
        for connection in many:
            await setup.ask(REPEATED_REQUESTS, connection)
            setup.worker.messages()
        found = [connection.handed_over for connection in many]
        for connection in many:
            connection.close()

        assert found == [True] * MAX_SLOTS + [False]

    run(case)


def test_one_of_two_busy_connections_is_recalled_for_a_worker_that_has_none() -> None:
    async def case(setup: Setup) -> None:
        await setup.hand_over(setup.connections[0])
        await setup.hand_over(setup.connections[1])
        setup.workers.append(setup.other_worker)
        setup.handovers.tick()
        setup.worker.messages()
        setup.worker.respond(setup.connection)
        setup.handovers.tick()
        with_one_busy = setup.worker.messages()
        setup.worker.respond(setup.connection)
        setup.worker.respond(setup.connections[1], 1)
        setup.handovers.tick()

        assert with_one_busy == []
        assert setup.worker.messages() == [Recall(0)]
        await setup.hand_back()
        await setup.ask(REPEATED_REQUESTS)
        assert [message.slot for message in setup.other_worker.messages()] == [0]

    run(case)
