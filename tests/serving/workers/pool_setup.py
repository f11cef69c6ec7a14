"""A pool with a fake clock and fake workers, whose replies and crashes a test triggers."""

import asyncio
from typing import TYPE_CHECKING, cast

from serving.http.exchange import Exchange
from serving.http.metrics import ServerMetrics
from serving.http.response import Response
from serving.predict.request import InferenceRequest
from serving.workers.health import WorkerHealth
from serving.workers.pool import Pool
from tests.serving.clock import FakeClock

if TYPE_CHECKING:
    from serving.workers.channel import WorkerChannel
    from serving.workers.worker_process import WorkerProcess

ROW = b'{"size":1}'
OK = Response(200, b"", b"{}", 1)


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

    def defer(self, _now: float) -> None:
        self.overdue = False

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

    def close(self) -> None:
        assert self.killed


class PoolSetup:
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
