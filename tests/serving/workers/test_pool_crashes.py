"""Pool: retries after crashes, and workers and models that fail."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from serving.http.response import Response
from tests.serving.workers.pool_setup import FakeChannel, FakeWorker, PoolSetup, turn

if TYPE_CHECKING:
    from serving.workers.channel import WorkerChannel
    from serving.workers.worker_process import WorkerProcess

FAILED = Response(500, b"", b"{}")


def test_a_crash_retries_each_request_alone_on_a_worker_that_has_replied_since() -> None:
    async def case() -> None:
        setup = PoolSetup(workers=2)
        first, second = setup.channels
        exchanges = [setup.submit() for _ in range(2)]
        await turn()
        assert [first.batches, second.batches] == [[[exchanges[0]]], [[exchanges[1]]]]
        second.answer()
        setup.clock.now += 1
        first.crash()
        probes, before = second.probes, len(second.batches)
        second.replied = setup.clock.now
        setup.pool.freed(cast("WorkerChannel", second))

        assert setup.workers[0].killed
        assert (probes, before) == (1, 1)
        assert second.batches[1] == [exchanges[0]]
        assert setup.pool.ready() == 1

    asyncio.run(case())


def test_a_request_is_500_after_a_second_crash_and_the_others_are_answered() -> None:
    async def case() -> None:
        setup = PoolSetup()
        poison, other = setup.submit(), setup.submit()
        await turn()
        for crashes in range(2):
            setup.clock.now += 1
            [channel] = setup.pool.workers
            cast("FakeChannel", channel).crash()
            replacement = setup.add(ready=False)
            replacement.channel.replied = setup.clock.now
            setup.pool.admit(cast("WorkerChannel", replacement.channel))
            await turn()
            assert replacement.channel.batches[0] == [[poison], [other]][crashes]
        replacement.channel.answer()

        assert setup.statuses == [500, 200]
        assert setup.metrics.failures == 1

    asyncio.run(case())


def test_a_worker_whose_command_is_overdue_is_killed() -> None:
    async def case() -> None:
        setup = PoolSetup(workers=2)
        setup.channels[1].overdue = True
        setup.pool.tick(setup.clock.now)

        assert [worker.killed for worker in setup.workers] == [False, True]

    asyncio.run(case())


@pytest.mark.parametrize(("model", "healthy"), [("", False), ("a", True)])
def test_failures_of_the_only_model_make_the_server_unhealthy(model: str, healthy: bool) -> None:
    async def case() -> None:
        setup = PoolSetup()
        for _ in range(3):
            setup.submit(model=model)
            await turn()
            await turn()
            setup.channels[0].answer(FAILED)

        assert (setup.health.unhealthy_reason() is None) == healthy
        assert setup.metrics.failures == 3

    asyncio.run(case())


def test_a_worker_that_was_lost_before_it_was_added_is_not_kept() -> None:
    async def case() -> None:
        setup = PoolSetup()
        worker = FakeWorker(FakeChannel(setup.pool))
        worker.channel.gone.set()
        setup.pool.add(cast("WorkerProcess", worker))

        assert len(setup.pool.workers) == 1

    asyncio.run(case())
