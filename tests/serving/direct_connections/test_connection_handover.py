"""Handovers: which connections are handed over to a worker, and when."""

import asyncio

import pytest

from serving.direct_connections.connection_handover import LONE_REQUESTS
from serving.direct_connections.repeated_head import RepeatedHead
from tests.serving.direct_connections.handover_setup import (
    HEAD,
    METADATA,
    Setup,
    run,
)


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
