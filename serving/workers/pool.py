"""Dispatches queued requests to idle workers, in batches, and retries those of crashed workers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from serving.direct_connections.connection_handovers import ConnectionHandovers
from serving.log import log_event
from serving.problem import RETRY_AFTER, Problem
from serving.workers.batching_queue import (
    BATCH_REQUESTS,
    MAX_BYTES,
    TRANSFORM_BYTES,
    TRANSFORM_SECONDS,
    RequestQueue,
    deadline_seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.exchange import Exchange
    from serving.http.metric_counts import DirectCounts
    from serving.http.metrics import ServerMetrics
    from serving.http.response import Response, ResponseRecord
    from serving.workers.channel import WorkerChannel
    from serving.workers.health import WorkerHealth
    from serving.workers.worker_process import WorkerProcess

MAX_CRASHES = 2


class Pool:
    """Dispatches queued requests to idle workers.

    Attributes:
        queue: The requests that wait for a worker.
        workers: The workers that are alive, ready or not, by their channels.
        is_open: Whether a worker was ever ready; requests are refused before.
        handovers: Hands connections over to workers.
    """

    def __init__(
        self,
        health: WorkerHealth,
        metrics: ServerMetrics,
        clock: Callable[[], float],
        *,
        transform: bool = False,
        hands_over: bool = True,
        log_sample: float = 0.0,
    ) -> None:
        """Creates the pool.

        Args:
            health: Learns of failures of the model.
            metrics: Counts batches and failures.
            clock: Returns seconds of the monotonic clock.
            transform: Whether it is that of a batch transform job, whose requests are large.
            hands_over: Whether workers may answer connections themselves.
            log_sample: Share of the requests that are logged, from 0 to 1.
        """
        self.queue = RequestQueue(max_bytes=TRANSFORM_BYTES if transform else MAX_BYTES)
        self._transform = transform
        self.workers: dict[WorkerChannel, WorkerProcess] = {}
        self.is_open = False
        self._health = health
        self._metrics = metrics
        self._clock = clock
        self._scheduled = False
        self._held_back = 0
        self._last_batch = 0
        self._loop = asyncio.get_running_loop()
        self.handovers = ConnectionHandovers(
            self._idle_first, self._record, self._count, deadline_seconds, log_sample
        )
        if not hands_over:
            self.handovers.close()

    def submit(self, exchange: Exchange) -> None:
        """Queues a request; refuses it with 503 when the queue is full or no worker was ever ready."""
        if not self.is_open:
            reason = self._health.unhealthy_reason() or "No worker is ready."
            exchange.refuse(Problem(503, reason, headers=RETRY_AFTER))
            return
        self._set_deadline(exchange)
        # The last request came alone: this one is not kept waiting for others.
        is_lone = self._last_batch == 1
        if is_lone and not self.queue and (idle := self._idle()):
            self._send(idle[0], [exchange])
        elif not self.queue.put(exchange):
            detail = "Too many requests are waiting already: try again later."
            exchange.refuse(Problem(503, detail, headers=RETRY_AFTER))
        elif is_lone:
            self._dispatch()
        elif not self._scheduled:
            # Dispatched in the next turn of the event loop, so that requests of this turn share a batch.
            self._scheduled = True
            self._loop.call_soon(self._dispatch)

    def _set_deadline(self, exchange: Exchange) -> None:
        seconds = TRANSFORM_SECONDS if self._transform else deadline_seconds(exchange.body)
        exchange.expires = exchange.arrived + seconds

    def add(self, worker: WorkerProcess) -> None:
        """Adds a worker that has started and is not ready yet."""
        if not worker.channel.gone.is_set():
            self.workers[worker.channel] = worker

    def admit(self, channel: WorkerChannel) -> None:
        """Sends requests to a worker from now on."""
        channel.ready = self.is_open = True
        self._dispatch()

    def _dispatch(self) -> None:
        waiting = len(self.queue)
        if self._held_back < waiting < self._last_batch / 2:
            # The clients of one batch send their next requests one by one. While each turn of the event loop
            # brings another, a batch half as large as the last costs less than a batch of one, then the rest.
            self._held_back = waiting
            self._loop.call_soon(self._dispatch)
            return
        self._held_back = 0
        self._scheduled = False
        idle = self._idle()
        for position, channel in enumerate(idle):
            # An equal share of what is left for each idle worker that is left.
            share = -(-len(self.queue) // (len(idle) - position))
            self._send(channel, self.queue.take(channel.replied, min(share, BATCH_REQUESTS)))

    def _idle(self) -> list[WorkerChannel]:
        return [channel for channel in self.workers if channel.ready and not channel.busy]

    def _idle_first(self) -> list[WorkerProcess]:
        ready = [channel for channel in self.workers if channel.ready]
        return [self.workers[channel] for channel in sorted(ready, key=lambda channel: channel.busy)]

    def _send(self, channel: WorkerChannel, exchanges: list[Exchange]) -> None:
        if not exchanges:
            return
        self._last_batch = len(exchanges)
        self._metrics.count_batch(len(exchanges))
        channel.infer(exchanges, max([exchange.expires - exchange.arrived for exchange in exchanges]))

    def freed(self, channel: WorkerChannel) -> None:
        """Sends the next batch to a worker that has become idle."""
        if channel.ready:
            self._send(channel, self.queue.take(channel.replied))

    def answered(self, exchanges: list[Exchange], responses: list[Response]) -> None:
        """Sends the responses of a batch to its clients."""
        for exchange, response in zip(exchanges, responses, strict=True):
            if response.status >= 500 or self._health.awaits_success:
                self._record_status(response.status, exchange)
            exchange.respond(response)
            if exchange.head:
                self.handovers.note(exchange)

    def _record(self, record: ResponseRecord) -> None:
        """Records a response that a worker has sent itself."""
        self._record_status(record.status)

    def _count(self, counted: DirectCounts) -> None:
        """Counts responses that a worker has sent itself, all of them successes."""
        self._metrics.add(counted)
        if counted.responses:
            self._record_status(200)

    def _record_status(self, status: int, exchange: Exchange | None = None) -> None:
        if status >= 500:
            self._record_failure(exchange)
        elif self._health.awaits_success and status == 200:
            self._health.record_inference(failed=False)

    def _record_failure(self, exchange: Exchange | None) -> None:
        self._metrics.failures += 1
        # One failing model of many does not make the server unhealthy.
        if not (exchange and exchange.inference and exchange.inference.model):
            self._health.record_inference(failed=True)

    def lost(self, channel: WorkerChannel, exchanges: list[Exchange]) -> None:
        """Retries each request of a crashed worker alone, once; responds 500 after a second crash."""
        worker = self.workers.pop(channel, None)
        if worker:
            worker.kill()
            for pending in self.handovers.lost(worker):
                self._set_deadline(pending)
                exchanges.append(pending)
            worker.close()
        now = self._clock()
        for exchange in exchanges:
            exchange.crashes += 1
            exchange.crashed = now
            if exchange.crashes < MAX_CRASHES:
                self.queue.put_back(exchange)
            elif exchange.response is None and not exchange.gone:
                self._record_failure(exchange)
                exchange.refuse(Problem(500, "The worker process crashed twice on this request."))
        if exchanges:
            self._refuse_expired(now)
            self._probe_idle()

    def _probe_idle(self) -> None:
        """Probes the idle workers: the cause of one crash may have ended others that are not noticed yet."""
        for channel in self._idle():
            channel.probe()

    def tick(self, now: float) -> None:
        """Refuses requests past their deadline and kills hanging workers; to be called ten times a second.

        Args:
            now: Seconds of the monotonic clock.
        """
        self.handovers.tick()
        self._refuse_expired(now)
        for channel, worker in self.workers.items():
            if self.handovers.answering(worker):
                # A command that was sent meanwhile waits for the responses.
                channel.defer(now)
            if channel.is_overdue(now) or self.handovers.is_overdue(worker, now):
                log_event("error", "worker hangs", worker=worker.pid)
                worker.kill()

    def _refuse_expired(self, now: float) -> None:
        expired = [*self.queue.expired(now)]
        for channel in self.workers:
            expired += channel.expired(now)
        for exchange in expired:
            seconds = exchange.expires - exchange.arrived
            exchange.refuse(Problem(504, f"The request was not answered within {seconds:g} s."))

    def in_flight(self) -> int:
        """Returns the number of requests that workers have."""
        return sum(
            len(channel.exchanges) + len(self.handovers.answering(worker))
            for channel, worker in self.workers.items()
        )

    def ready(self) -> int:
        """Returns the number of workers that accept requests."""
        return sum(channel.ready for channel in self.workers)
