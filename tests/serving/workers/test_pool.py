"""Pool: batches, shares of idle workers, refusals and deadlines."""

import asyncio

from serving.workers.batching_queue import MAX_REQUESTS
from tests.serving.workers.pool_setup import PoolSetup, turn


def test_requests_of_one_turn_of_the_event_loop_are_one_batch() -> None:
    async def case() -> None:
        setup = PoolSetup()
        exchanges = [setup.submit() for _ in range(3)]
        sent_at_once = list(setup.channels[0].batches)
        await turn()

        assert sent_at_once == []
        assert setup.channels[0].batches == [exchanges]
        assert (setup.pool.in_flight(), setup.pool.ready()) == (3, 1)

    asyncio.run(case())


def test_after_a_request_alone_the_next_one_is_sent_at_once() -> None:
    async def case() -> None:
        setup = PoolSetup()
        (channel,) = setup.channels
        first = setup.submit()
        await turn()
        channel.answer()
        second = setup.submit()

        assert channel.batches == [[first], [second]]

    asyncio.run(case())


def test_idle_workers_get_equal_shares() -> None:
    async def case() -> None:
        setup = PoolSetup(workers=3)
        exchanges = [setup.submit() for _ in range(8)]
        await turn()

        assert [channel.batches for channel in setup.channels] == [
            [exchanges[:3]],
            [exchanges[3:6]],
            [exchanges[6:]],
        ]

    asyncio.run(case())


def test_a_busy_or_unready_worker_gets_no_share() -> None:
    async def case() -> None:
        setup = PoolSetup(workers=2)
        unready = setup.add(ready=False)
        setup.channels[0].busy = True
        exchanges = [setup.submit() for _ in range(4)]
        await turn()

        assert [channel.batches for channel in setup.channels] == [[], [exchanges]]
        assert unready.channel.batches == []

    asyncio.run(case())


def test_after_a_batch_a_growing_queue_is_held_back_until_half_that_size() -> None:
    async def case() -> None:
        setup = PoolSetup()
        (channel,) = setup.channels
        for _ in range(8):
            setup.submit()
        await turn()
        channel.answer()

        waiting = []
        sizes = []
        for _ in range(4):
            waiting.append(setup.submit())
            await turn()
            sizes.append(len(channel.batches))

        assert sizes == [1, 1, 1, 2]
        assert channel.batches[1] == waiting

    asyncio.run(case())


def test_a_queue_that_stops_growing_is_sent_in_the_next_turn() -> None:
    async def case() -> None:
        setup = PoolSetup()
        (channel,) = setup.channels
        for _ in range(8):
            setup.submit()
        await turn()
        channel.answer()

        alone = setup.submit()
        await turn()
        held_back = len(channel.batches) == 1
        await turn()

        assert held_back
        assert channel.batches[1] == [alone]

    asyncio.run(case())


def test_a_freed_worker_gets_all_waiting_requests() -> None:
    async def case() -> None:
        setup = PoolSetup(workers=2)
        first, second = setup.channels
        for _ in range(2):
            setup.submit()
        await turn()
        waiting = [setup.submit() for _ in range(3)]
        await turn()
        first.answer()

        assert [len(batch) for batch in first.batches] == [1, 3]
        assert first.batches[1] == waiting
        assert len(second.batches) == 1

    asyncio.run(case())


def test_a_worker_may_take_the_longest_deadline_of_its_batch() -> None:
    async def case() -> None:
        setup = PoolSetup()
        row, rows = setup.submit(), setup.submit(b"[1]")
        await turn()

        assert (row.expires - row.arrived, rows.expires - rows.arrived) == (2.0, 10.0)
        assert setup.channels[0].seconds == [10.0]

    asyncio.run(case())


def test_requests_are_refused_until_a_worker_was_ready() -> None:
    async def case() -> None:
        setup = PoolSetup(workers=0)
        setup.submit()

        assert setup.statuses == [503]
        setup.add()
        setup.submit()
        assert setup.statuses == [503]

    asyncio.run(case())


def test_requests_over_the_limit_of_the_queue_are_refused() -> None:
    async def case() -> None:
        setup = PoolSetup()
        setup.channels[0].busy = True
        for _ in range(MAX_REQUESTS):
            setup.submit()
        accepted = list(setup.statuses)
        setup.submit()

        assert (accepted, setup.statuses) == ([], [503])

    asyncio.run(case())


def test_requests_past_their_deadline_are_504_wherever_they_are() -> None:
    async def case() -> None:
        setup = PoolSetup()
        under_way = setup.submit()
        await turn()
        waiting, batch = setup.submit(), setup.submit(b"[1]")
        setup.pool.tick(setup.clock.now + 2.0)
        before = list(setup.statuses)
        setup.pool.tick(setup.clock.now + 2.1)

        assert before == []
        assert setup.statuses == [504, 504]
        assert [found.response for found in (under_way, waiting, batch)] == [b"sent", b"sent", None]

    asyncio.run(case())
