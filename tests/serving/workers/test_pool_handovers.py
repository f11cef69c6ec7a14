"""Pool and handover: requests of direct connections have the deadlines, retries and records of all others."""

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from serving.http.exchange import Exchange
from serving.http.response import Response, ResponseRecord
from serving.predict.request import InferenceRequest
from serving.workers.health import MAX_FAILURES
from serving.workers.pool import Pool
from tests.serving.workers.pool_setup import ROW, FakeChannel, FakeWorker, PoolSetup, turn

if TYPE_CHECKING:
    from serving.direct_connections.connection_handover import ConnectionHandover
    from serving.http.exchange import SharedConnection
    from serving.workers.channel import WorkerChannel
    from serving.workers.worker_process import WorkerProcess

SENT = ResponseRecord(200, 0.001, 1, 10, 100)
FAILED = ResponseRecord(500, 0.001, 0, 10, 100)


class FakeHandover:
    """A handover that records what it is told, and whose handover the test plays."""

    def __init__(self) -> None:
        self.last: object = None
        self.noted: list[Exchange] = []
        self.had: Exchange | None = None
        self.overdue = False
        self.answering = False
        self.ticks = 0

    def note(self, exchange: Exchange) -> None:
        self.noted.append(exchange)

    def lost(self, _worker: FakeWorker) -> Exchange | None:
        return self.had

    def is_answering(self, _worker: FakeWorker) -> bool:
        return self.answering

    def is_overdue(self, _worker: FakeWorker, _now: float) -> bool:
        return self.overdue

    def tick(self) -> None:
        self.ticks += 1


class Setup(PoolSetup):
    """A pool with a fake handover."""

    def __init__(self, workers: int = 1) -> None:
        super().__init__(workers)
        self.handover = FakeHandover()
        self.pool.handover = cast("ConnectionHandover", self.handover)

    def handed_over(self, *, age: float = 0.0) -> Exchange:
        """Returns a request that a worker received on a direct connection, so many seconds ago."""

        def reply(exchange: Exchange, response: Response) -> None:
            exchange.response = b"sent"
            self.statuses.append(response.status)

        exchange = Exchange(reply)
        exchange.body, exchange.arrived = ROW, self.clock.now - age
        exchange.inference = InferenceRequest("", ROW, (b"", b"", b"", b""))
        self.handover.had = exchange
        return exchange


def test_only_requests_with_a_known_head_that_were_answered_alone_are_noted() -> None:
    async def case() -> None:
        setup = Setup()
        lone, unknown, *others = [setup.submit() for _ in range(4)]
        lone.head = others[0].head = others[1].head = b"head"
        setup.handover.last = object()

        for exchanges in ([lone], others, [unknown]):
            before = setup.handover.last
            setup.pool.answered(exchanges, [Response(200, b"", b"")] * len(exchanges))
            assert (setup.handover.last is before) == (exchanges == [lone] or before is None)

        assert setup.handover.noted == [lone]
        assert setup.handover.last is None

    asyncio.run(case())


def test_the_request_of_a_lost_worker_on_a_direct_connection_is_retried_by_another() -> None:
    async def case() -> None:
        setup = Setup(workers=2)
        exchange = setup.handed_over()
        setup.clock.now += 1
        setup.channels[0].crash()
        setup.handover.had = None
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
        setup.handover.overdue = True
        setup.pool.tick(setup.clock.now)

        assert (before, setup.workers[0].killed, setup.handover.ticks) == (False, True, 2)

    asyncio.run(case())


def test_a_command_that_waits_for_the_answer_to_a_direct_connection_is_not_overdue() -> None:
    async def case() -> None:
        setup = Setup()
        setup.channels[0].overdue = setup.handover.answering = True
        setup.pool.tick(setup.clock.now)
        waiting = setup.workers[0].killed
        setup.channels[0].overdue, setup.handover.answering = True, False
        setup.pool.tick(setup.clock.now)

        assert (waiting, setup.workers[0].killed) == (False, True)

    asyncio.run(case())


def test_a_request_of_a_direct_connection_is_one_that_a_worker_has() -> None:
    async def case() -> None:
        setup = Setup()
        setup.submit()
        await turn()
        before = setup.pool.in_flight()
        setup.handover.answering = True

        assert (before, setup.pool.in_flight()) == (1, 2)

    asyncio.run(case())


def test_the_records_of_a_worker_count_as_batches_of_one_and_as_failures_of_the_model() -> None:
    async def case() -> None:
        setup = PoolSetup()
        record = setup.pool.handover._recorded
        record(SENT)
        for _ in range(MAX_FAILURES):
            record(FAILED)

        assert setup.metrics.counts().batches.sum == 1 + MAX_FAILURES
        assert setup.metrics.failures == MAX_FAILURES
        assert setup.health.unhealthy_reason() == f"The model failed on {MAX_FAILURES} requests in a row."
        record(SENT)
        setup.health.record_self_test(setup.health.slots[0], None)
        assert setup.health.unhealthy_reason() is None

    asyncio.run(case())


@pytest.mark.parametrize("hands_over", [True, False])
def test_a_pool_hands_over_the_idle_worker_that_takes_requests_last_or_none(hands_over: bool) -> None:
    class Connection:
        def __init__(self) -> None:
            self.asked = 0

        def hand_over(self) -> int | None:
            self.asked += 1
            return None

    async def case() -> None:
        setup = PoolSetup(workers=2)
        pool = Pool(setup.health, setup.metrics, setup.clock, hands_over=hands_over)
        connection = Connection()
        for _ in range(2):
            worker = FakeWorker(FakeChannel(pool))
            pool.add(cast("WorkerProcess", worker))
            pool.admit(cast("WorkerChannel", worker.channel))
        exchange = Exchange(lambda *_: None)
        exchange.head = b"POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\n"
        exchange.connection = cast("SharedConnection", connection)
        exchange.inference = InferenceRequest("", ROW, (b"", b"", b"", b""))
        pool.tick(setup.clock.now)
        for _ in range(5):
            pool.answered([exchange], [Response(200, b"", b"")])
        await turn()

        assert connection.asked == hands_over
        assert pool.handover._find_idle() == cast("WorkerProcess", worker)

    asyncio.run(case())
