"""Pool and handover: requests of direct connections have the deadlines, retries and records of all others."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from serving.direct_connections.memory.response_counts import COUNTS_BYTES, ResponseCounts
from serving.http.exchange import Exchange
from serving.http.metric_counts import DirectCounts
from serving.http.response import Response, ResponseRecord
from serving.predict.request import InferenceRequest
from serving.workers.health import MAX_FAILURES
from serving.workers.pool import Pool
from tests.serving.workers.pool_setup import ROW, FakeChannel, FakeWorker, PoolSetup, turn

if TYPE_CHECKING:
    from serving.direct_connections.connection_handovers import ConnectionHandovers
    from serving.http.exchange import SharedConnection
    from serving.workers.channel import WorkerChannel
    from serving.workers.worker_process import WorkerProcess

SENT = ResponseRecord(200, 0.001, 1, 10, 100)
FAILED = ResponseRecord(500, 0.001, 0, 10, 100)
NOTHING = ResponseCounts(memoryview(bytearray(COUNTS_BYTES))).read()


class FakeHandovers:
    """Records what it is told; the test plays the direct connections."""

    def __init__(self) -> None:
        self.noted: list[Exchange] = []
        self.had: list[Exchange] = []
        self.overdue = False
        self.requests = 0
        self.ticks = 0

    def note(self, exchange: Exchange) -> None:
        self.noted.append(exchange)

    def lost(self, _worker: FakeWorker) -> list[Exchange]:
        return self.had

    def answering(self, _worker: FakeWorker) -> list[object]:
        return [object()] * self.requests

    def is_overdue(self, _worker: FakeWorker, _now: float) -> bool:
        return self.overdue

    def tick(self) -> None:
        self.ticks += 1


class Setup(PoolSetup):
    """A pool with fake handovers."""

    def __init__(self, workers: int = 1) -> None:
        super().__init__(workers)
        self.handovers = FakeHandovers()
        self.pool.handovers = cast("ConnectionHandovers", self.handovers)

    def handed_over(self, *, age: float = 0.0) -> Exchange:
        """Returns a request that a worker received on a direct connection, so many seconds ago."""

        def reply(exchange: Exchange, response: Response) -> None:
            exchange.response = b"sent"
            self.statuses.append(response.status)

        exchange = Exchange(reply)
        exchange.body, exchange.arrived = ROW, self.clock.now - age
        exchange.inference = InferenceRequest("", ROW, (b"", b"", b"", b""))
        self.handovers.had.append(exchange)
        return exchange


def test_each_answered_request_with_a_known_head_is_noted() -> None:
    async def case() -> None:
        setup = Setup()
        exchanges = [setup.submit() for _ in range(3)]
        exchanges[0].head = exchanges[2].head = b"head"
        setup.pool.answered(exchanges, [Response(200, b"", b"")] * 3)

        assert setup.handovers.noted == [exchanges[0], exchanges[2]]

    asyncio.run(case())


def test_the_request_of_a_lost_worker_on_a_direct_connection_is_retried_by_another() -> None:
    async def case() -> None:
        setup = Setup(workers=2)
        exchange = setup.handed_over()
        setup.clock.now += 1
        setup.channels[0].crash()
        setup.handovers.had = []
        setup.channels[1].replied = setup.clock.now
        setup.pool.freed(cast("WorkerChannel", setup.channels[1]))

        assert setup.channels[1].batches == [[exchange]]
        assert (exchange.crashes, exchange.expires) == (1, exchange.arrived + 2)
        setup.channels[1].crash()
        assert setup.statuses == [500]

    asyncio.run(case())


def test_a_request_whose_worker_was_killed_at_its_deadline_is_504_at_once() -> None:
    async def case() -> None:
        setup = Setup()
        setup.handed_over(age=2.1)
        setup.channels[0].crash()

        assert setup.statuses == [504]

    asyncio.run(case())


def test_a_worker_that_is_overdue_with_a_direct_connection_is_killed() -> None:
    async def case() -> None:
        setup = Setup()
        setup.pool.tick(setup.clock.now)
        before = setup.workers[0].killed
        setup.handovers.overdue = True
        setup.pool.tick(setup.clock.now)

        assert (before, setup.workers[0].killed, setup.handovers.ticks) == (False, True, 2)

    asyncio.run(case())


def test_a_command_that_waits_for_the_answer_to_a_direct_connection_is_not_overdue() -> None:
    async def case() -> None:
        setup = Setup()
        setup.channels[0].overdue, setup.handovers.requests = True, 1
        setup.pool.tick(setup.clock.now)
        waiting = setup.workers[0].killed
        setup.channels[0].overdue, setup.handovers.requests = True, 0
        setup.pool.tick(setup.clock.now)

        assert (waiting, setup.workers[0].killed) == (False, True)

    asyncio.run(case())


def test_requests_of_direct_connections_are_some_that_a_worker_has() -> None:
    async def case() -> None:
        setup = Setup()
        setup.submit()
        await turn()
        before = setup.pool.in_flight()
        setup.handovers.requests = 2

        assert (before, setup.pool.in_flight()) == (1, 3)

    asyncio.run(case())


@pytest.mark.parametrize("is_recorded", [True, False], ids=["recorded", "counted"])
def test_the_records_and_counts_of_a_worker_say_whether_its_model_fails(is_recorded: bool) -> None:
    async def case() -> None:
        setup = PoolSetup()
        handovers = setup.pool.handovers
        for _ in range(MAX_FAILURES):
            handovers._recorded(FAILED)
        handovers._counted(NOTHING)
        setup.health.record_self_test(setup.health.slots[0], None)

        assert setup.metrics.failures == MAX_FAILURES
        assert setup.health.unhealthy_reason() == f"The model failed on {MAX_FAILURES} requests in a row."
        if is_recorded:
            handovers._recorded(SENT)
        else:
            handovers._counted(counted())
        setup.health.record_self_test(setup.health.slots[0], None)
        assert setup.health.unhealthy_reason() is None

    asyncio.run(case())


def counted() -> DirectCounts:
    """The counts of one response in a batch of two requests."""
    counts = ResponseCounts(memoryview(bytearray(COUNTS_BYTES)))
    counts.count(0.2, 3, {"unseen_value": 4})
    counts.count_batch(2)
    return counts.read()


def test_the_counts_of_a_worker_are_among_the_metrics() -> None:
    async def case() -> None:
        setup = PoolSetup()
        setup.pool.handovers._counted(NOTHING)
        before = setup.metrics.counts().responses
        setup.pool.handovers._counted(counted())
        setup.pool.handovers._counted(counted())

        found = setup.metrics.counts()
        assert before == {}
        assert found.responses == {("invocations", 200): 2}
        assert (found.latency.sum, found.latency.buckets[8], sum(found.latency.buckets)) == (0.4, 2, 2)
        assert (found.batches.sum, found.batches.buckets[1], sum(found.batches.buckets)) == (4, 2, 2)
        assert (found.rows, found.warnings) == (6, {"unseen_value": 8})

    asyncio.run(case())


@pytest.mark.parametrize("hands_over", [True, False])
def test_a_pool_hands_over_to_idle_workers_before_busy_ones_or_to_none(hands_over: bool) -> None:
    class Connection:
        def __init__(self) -> None:
            self.repeated = self.asked = 0

        def hand_over(self) -> int | None:
            self.asked += 1
            return None

    async def case() -> None:
        setup = PoolSetup(workers=2)
        pool = Pool(setup.health, setup.metrics, setup.clock, hands_over=hands_over)
        connection = Connection()
        workers = [FakeWorker(FakeChannel(pool)) for _ in range(3)]
        for worker in workers:
            pool.add(cast("WorkerProcess", worker))
        for worker in workers[:2]:
            pool.admit(cast("WorkerChannel", worker.channel))
        workers[0].channel.busy = True
        exchange = Exchange(lambda *_: None)
        exchange.head = b"POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\n"
        exchange.connection = cast("SharedConnection", connection)
        exchange.inference = InferenceRequest("", ROW, (b"", b"", b"", b""))
        pool.answered([exchange] * 3, [Response(200, b"", b"")] * 3)
        await turn()

        assert connection.asked == hands_over
        assert [*pool.handovers._find_workers()] == cast("list[WorkerProcess]", workers[1::-1])

    asyncio.run(case())
