"""The workers' work: requests that wait are handed out, answers go back, and no death loses a request."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING

from serving.log import tell
from serving.problem import RETRY, Problem
from serving.workers.deadline import allowed_seconds
from serving.workers.queue import FRAME_REQUESTS, Queue

if TYPE_CHECKING:
    from serving.http.exchange import Exchange
    from serving.http.metrics import Metrics
    from serving.workers.health import Health
    from serving.workers.process import WorkerProcess
    from serving.workers.protocol import Answer

MOST_DEATHS = 2


class Pool:
    """Requests on one side, workers on the other.

    Attributes:
        queue: The requests that wait.
        workers: The workers that are alive, ready or not.
        is_open: Whether there has been a worker that takes requests.
    """

    def __init__(self, health: Health, metrics: Metrics) -> None:
        self.queue = Queue()
        self.workers: set[WorkerProcess] = set()
        self._health = health
        self._metrics = metrics
        self.is_open = False
        self._scheduled = False
        self._seen = 0
        self._expected = 0
        self._loop = asyncio.get_running_loop()

    def submit(self, exchange: Exchange) -> None:
        """Has a request answered by a worker, or refuses it at once when too many wait."""
        if not self.is_open:
            exchange.refuse(Problem(503, self._health.trouble() or "No worker is ready.", headers=RETRY))
            return
        exchange.expires = exchange.arrived + allowed_seconds(exchange.body)
        if not self.queue.put(exchange):
            exchange.refuse(Problem(503, "Too many requests wait already: come again.", headers=RETRY))
        elif not self._scheduled:
            # Not at once: what arrives in the same turn of the loop goes along.
            self._scheduled = True
            self._loop.call_soon(self._hand_out)

    def admit(self, worker: WorkerProcess) -> None:
        """Gives requests to a worker from now on."""
        worker.ready = self.is_open = True
        self._hand_out()

    def _hand_out(self) -> None:
        waiting = len(self.queue)
        if self._seen < waiting < self._expected / 2:
            # Those who were answered together ask again one by one. While every turn of the loop brings one
            # more of them, half a batch costs less than a batch of one and then the rest.
            self._seen = waiting
            self._loop.call_soon(self._hand_out)
            return
        self._seen = 0
        self._scheduled = False
        idle = [worker for worker in self.workers if worker.idle]
        for place, worker in enumerate(idle):
            # An equal share for each who is left.
            share = -(-len(self.queue) // (len(idle) - place))
            self._give(worker, self.queue.take(worker.link.replied, min(share, FRAME_REQUESTS)))

    def _give(self, worker: WorkerProcess, exchanges: list[Exchange]) -> None:
        if not exchanges:
            return
        self._expected = len(exchanges)
        self._metrics.count_batch(len(exchanges))
        worker.link.ask(exchanges, max([exchange.expires - exchange.arrived for exchange in exchanges]))

    def freed(self, worker: WorkerProcess) -> None:
        """Gives a worker that has nothing to do what waits."""
        if worker.ready:
            self._give(worker, self.queue.take(worker.link.replied))

    def answered(self, exchanges: list[Exchange], answers: list[Answer]) -> None:
        """Sends answers to those who wait for them."""
        for exchange, answer in zip(exchanges, answers, strict=True):
            if answer.status >= 500:
                self._fail(exchange)
            elif self._health.doubtful and answer.status == 200:
                self._health.infer(failed=False)
            exchange.answer(answer)

    def _fail(self, exchange: Exchange) -> None:
        self._metrics.failures += 1
        # One of many models that fails says nothing about the process.
        if exchange.question and not exchange.question.model:
            self._health.infer(failed=True)

    def lost(self, worker: WorkerProcess, exchanges: list[Exchange]) -> None:
        """Has what a worker died over answered by another, each request alone, and only once."""
        self.workers.discard(worker)
        now = monotonic()
        for exchange in exchanges:
            exchange.deaths += 1
            exchange.lost = now
            if exchange.deaths < MOST_DEATHS:
                self.queue.put_back(exchange)
            elif exchange.response is None and not exchange.gone:
                self._fail(exchange)
                exchange.refuse(Problem(500, "The process that answered this request died, twice."))
        if exchanges:
            self._probe()

    def _probe(self) -> None:
        """Finds out who is there: what ended one may have ended others, and nobody has noticed yet."""
        for worker in self.workers:
            if worker.idle:
                worker.link.probe()

    def tick(self, now: float) -> None:
        """Refuses what is late and ends workers that hang; to be called ten times a second.

        Args:
            now: Seconds of the monotonic clock.
        """
        late = [*self.queue.late(now), *(found for worker in self.workers for found in worker.link.late(now))]
        for exchange in late:
            seconds = exchange.expires - exchange.arrived
            exchange.refuse(Problem(504, f"The request was not answered within {seconds:g} s."))
        for worker in self.workers:
            if worker.link.is_overdue(now):
                tell("error", "worker hangs", worker=worker.pid)
                worker.kill()

    def in_flight(self) -> int:
        """How many requests the workers have."""
        return sum(len(worker.link.exchanges) for worker in self.workers)

    def ready(self) -> int:
        """How many workers take requests."""
        return sum(worker.ready for worker in self.workers)
