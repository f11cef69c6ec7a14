"""Pool: batches, shares of idle workers, retries after crashes, deadlines and refusals."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, cast

import pytest

from serving.http.exchange import Exchange
from serving.http.metrics import ServerMetrics
from serving.http.response import Response
from serving.predict.request import InferenceRequest
from serving.workers.health import WorkerHealth
from serving.workers.pool import Pool
from serving.workers.queue import MAX_REQUESTS
from tests.serving.clock import FakeClock

if TYPE_CHECKING:
    from serving.workers.channel import WorkerChannel
    from serving.workers.process import WorkerProcess

ROW = b'{"size":1}'
OK = Response(200, b"", b"{}", 1)
FAILED = Response(500, b"", b"{}")


class FakeChannel:
    """Channel with a worker whose replies the test triggers; `batches` has the batches sent to it."""

    def __init__(self, pool: Pool) -> None:
        self.ready = False
        self.busy = False
        self.replied = 0.0
        self.gone = asyncio.Event()
        self.exchanges: list[Exchange] = []
        self.batches: list[list[Exchange]] = []
        self.seconds: list[float] = []
        self.probes = 0
        self.overdue = False
        self._pool = pool

    def infer(self, exchanges: list[Exchange], seconds: float) -> None:
        assert not self.busy
        self.busy, self.exchanges = True, exchanges
        self.batches.append(exchanges)
        self.seconds.append(seconds)

    def probe(self) -> None:
        self.probes += 1

    def is_overdue(self, _now: float) -> bool:
        return self.overdue

    def expired(self, now: float) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.expires < now]

    def answer(self, response: Response = OK) -> None:
        exchanges, self.exchanges, self.busy = self.exchanges, [], False
        self._pool.answered(exchanges, [response] * len(exchanges))
        if not self.busy:
            self._pool.freed(cast("WorkerChannel", self))

    def crash(self) -> None:
        exchanges, self.exchanges = self.exchanges, []
        self.ready = False
        self.gone.set()
        self._pool.lost(cast("WorkerChannel", self), exchanges)


class FakeWorker:
    """A worker process that records whether it was killed."""

    pid = 7

    def __init__(self, channel: FakeChannel) -> None:
        self.channel = channel
        self.killed = False

    def kill(self) -> None:
        self.killed = True


class Setup:
    """A pool with a fake clock and fake workers."""

    def __init__(self, workers: int = 1) -> None:
        self.clock = FakeClock()
        self.health = WorkerHealth(workers, self.clock)
        for slot in self.health.slots:
            self.health.record_self_test(slot, None)
        self.metrics = ServerMetrics()
        self.pool = Pool(self.health, self.metrics, self.clock)
        self.workers = [self.add() for _ in range(workers)]
        self.channels = [worker.channel for worker in self.workers]
        self.statuses: list[int] = []

    def add(self, *, ready: bool = True) -> FakeWorker:
        worker = FakeWorker(FakeChannel(self.pool))
        self.pool.add(cast("WorkerProcess", worker))
        if ready:
            self.pool.admit(cast("WorkerChannel", worker.channel))
        return worker

    def submit(self, body: bytes = ROW, model: str = "") -> Exchange:
        def reply(exchange: Exchange, response: Response) -> None:
            exchange.response = b"sent"
            self.statuses.append(response.status)

        exchange = Exchange(reply)
        exchange.body, exchange.arrived = body, self.clock.now
        exchange.inference = InferenceRequest(model, body, (b"", b"", b"", b""))
        self.pool.submit(exchange)
        return exchange


async def turn() -> None:
    """Runs one turn of the event loop."""
    await asyncio.sleep(0)


def run(case: Coroutine[Any, Any, None]) -> None:
    asyncio.run(case)


def test_requests_of_one_turn_of_the_event_loop_are_one_batch() -> None:
    async def case() -> None:
        setup = Setup()
        exchanges = [setup.submit() for _ in range(3)]
        sent_at_once = list(setup.channels[0].batches)
        await turn()

        assert sent_at_once == []
        assert setup.channels[0].batches == [exchanges]
        assert (setup.pool.in_flight(), setup.pool.ready()) == (3, 1)

    run(case())


def test_idle_workers_get_equal_shares() -> None:
    async def case() -> None:
        setup = Setup(workers=3)
        exchanges = [setup.submit() for _ in range(8)]
        await turn()

        assert [channel.batches for channel in setup.channels] == [
            [exchanges[:3]],
            [exchanges[3:6]],
            [exchanges[6:]],
        ]

    run(case())


def test_a_busy_or_unready_worker_gets_no_share() -> None:
    async def case() -> None:
        setup = Setup(workers=2)
        unready = setup.add(ready=False)
        setup.channels[0].busy = True
        exchanges = [setup.submit() for _ in range(4)]
        await turn()

        assert [channel.batches for channel in setup.channels] == [[], [exchanges]]
        assert unready.channel.batches == []

    run(case())


def test_after_a_batch_a_growing_queue_is_held_back_until_half_that_size() -> None:
    async def case() -> None:
        setup = Setup()
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

    run(case())


def test_a_queue_that_stops_growing_is_sent_in_the_next_turn() -> None:
    async def case() -> None:
        setup = Setup()
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

    run(case())


def test_a_freed_worker_gets_all_waiting_requests() -> None:
    async def case() -> None:
        setup = Setup(workers=2)
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

    run(case())


def test_a_worker_may_take_the_longest_deadline_of_its_batch() -> None:
    async def case() -> None:
        setup = Setup()
        row, rows = setup.submit(), setup.submit(b"[1]")
        await turn()

        assert (row.expires - row.arrived, rows.expires - rows.arrived) == (2.0, 10.0)
        assert setup.channels[0].seconds == [10.0]

    run(case())


def test_requests_are_refused_until_a_worker_was_ready() -> None:
    async def case() -> None:
        setup = Setup(workers=0)
        setup.submit()

        assert setup.statuses == [503]
        setup.add()
        setup.submit()
        assert setup.statuses == [503]

    run(case())


def test_requests_over_the_limit_of_the_queue_are_refused() -> None:
    async def case() -> None:
        setup = Setup()
        setup.channels[0].busy = True
        for _ in range(MAX_REQUESTS):
            setup.submit()
        accepted = list(setup.statuses)
        setup.submit()

        assert (accepted, setup.statuses) == ([], [503])

    run(case())


def test_a_crash_retries_each_request_alone_on_a_worker_that_has_replied_since() -> None:
    async def case() -> None:
        setup = Setup(workers=2)
        first, second = setup.channels
        exchanges = [setup.submit() for _ in range(2)]
        first.busy = second.busy = False
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

    run(case())


def test_a_request_is_500_after_a_second_crash_and_the_others_are_answered() -> None:
    async def case() -> None:
        setup = Setup()
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

    run(case())


def test_requests_past_their_deadline_are_504_wherever_they_are() -> None:
    async def case() -> None:
        setup = Setup()
        under_way = setup.submit()
        await turn()
        waiting, batch = setup.submit(), setup.submit(b"[1]")
        setup.pool.tick(setup.clock.now + 2.0)
        before = list(setup.statuses)
        setup.pool.tick(setup.clock.now + 2.1)

        assert before == []
        assert setup.statuses == [504, 504]
        assert [found.response for found in (under_way, waiting, batch)] == [b"sent", b"sent", None]

    run(case())


def test_a_worker_whose_command_is_overdue_is_killed() -> None:
    async def case() -> None:
        setup = Setup(workers=2)
        setup.channels[1].overdue = True
        setup.pool.tick(setup.clock.now)

        assert [worker.killed for worker in setup.workers] == [False, True]

    run(case())


@pytest.mark.parametrize(("model", "healthy"), [("", False), ("a", True)])
def test_failures_of_the_only_model_make_the_server_unhealthy(model: str, healthy: bool) -> None:
    async def case() -> None:
        setup = Setup()
        for _ in range(3):
            setup.submit(model=model)
            await turn()
            await turn()
            setup.channels[0].answer(FAILED)

        assert (setup.health.unhealthy_reason() is None) == healthy
        assert setup.metrics.failures == 3

    run(case())


def test_a_worker_that_was_lost_before_it_was_added_is_not_kept() -> None:
    async def case() -> None:
        setup = Setup()
        worker = FakeWorker(FakeChannel(setup.pool))
        worker.channel.gone.set()
        setup.pool.add(cast("WorkerProcess", worker))

        assert len(setup.pool.workers) == 1

    run(case())
