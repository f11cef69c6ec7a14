"""Handovers of connections to workers, in the front: their start, their end, the choice of the worker."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from serving.direct_connections.handover import Handover
from serving.direct_connections.handover_messages import (
    HandOver,
    receive_return,
    send_handover,
    send_recall,
)
from serving.direct_connections.memory import handover_slot
from serving.direct_connections.memory.handover_memory import MAX_SLOTS
from serving.direct_connections.repeated_request_head import RepeatedRequestHead

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable

    from serving.direct_connections.memory.handover_memory import HandoverMemory
    from serving.http.exchange import Exchange
    from serving.http.metric_counts import DirectCounts
    from serving.http.response import ResponseRecord

# Requests in a row after which a connection is handed over. There must be more of them after its worker has
# returned it, so that a handover costs little for each request.
REPEATED_REQUESTS = 3
RETURNED_REQUESTS = 64
IDLE_TICKS = 10


class BorrowingWorker(Protocol):
    """A worker that can answer connections itself; serving.workers.worker_process has it.

    Attributes:
        memory: The memory that it shares with the front.
        handovers: The front's end of a socket pair with it.
    """

    memory: HandoverMemory
    handovers: socket.socket


class ConnectionHandovers:
    """Hands over each connection whose requests repeat one head, to the worker with the fewest busy ones."""

    def __init__(
        self,
        workers: Callable[[], Iterable[BorrowingWorker]],
        recorded: Callable[[ResponseRecord], None],
        counted: Callable[[DirectCounts], None],
        deadline: Callable[[bytes], float],
        log_sample: float,
    ) -> None:
        """Creates the handovers.

        Args:
            workers: Returns the workers that may take a connection, idle ones first.
            recorded: Receives the record of a response that a worker has sent.
            counted: Receives counts of the responses without a record: all of them are successes.
            deadline: Returns how long a request with this body may take, in seconds.
            log_sample: Share of the requests that are logged, from 0 to 1.
        """
        self._find_workers = workers
        self._recorded = recorded
        self._counted = counted
        self._deadline = deadline
        self._handovers: dict[BorrowingWorker, dict[int, Handover]] = {}
        self._log_sample = log_sample
        self._closed = False
        self._loop = asyncio.get_running_loop()

    @property
    def handed_over(self) -> int:
        """Number of direct connections."""
        return sum(map(len, self._handovers.values()))

    def answering(self, worker: BorrowingWorker) -> list[Handover]:
        """Returns the direct connections with a request that this worker is predicting."""
        handovers = self._handovers.get(worker, {}).values()
        return [one for one in handovers if one.slot.stage == handover_slot.ANSWERING]

    def note(self, exchange: Exchange) -> None:
        """Notes a request with a known head that a worker has answered: after a few, it is handed over."""
        connection = exchange.connection
        if connection is None or self._closed:
            return
        connection.repeated += 1
        if connection.repeated == REPEATED_REQUESTS:
            connection.repeated = 0
            # In the next turn of the event loop the response is written.
            self._loop.call_soon(self._hand_over, exchange)

    def _hand_over(self, request: Exchange) -> None:
        connection, head, worker = request.connection, RepeatedRequestHead.of(request), self._least_busy()
        if self._closed or not connection or not head or not worker:
            return
        shared = connection.hand_over()
        if shared is None:
            return
        handovers = self._handovers.get(worker, {})
        number = next(number for number in range(MAX_SLOTS) if number not in handovers)
        slot = worker.memory.slots[number]
        slot.begin()
        worker.memory.counts.log_sample = self._log_sample
        handover = Handover(number, slot, connection, shared, request)
        try:
            send_handover(worker.handovers, HandOver(number, head), shared.fileno())
        except OSError:
            connection.take_back()
            return
        if not handovers:
            self._loop.add_reader(worker.handovers, self._hear, worker)
        self._handovers.setdefault(worker, handovers)[number] = handover

    def _least_busy(self) -> BorrowingWorker | None:
        found = min(self._find_workers(), key=lambda worker: len(self._busy(worker)), default=None)
        return found if found and len(self._handovers.get(found, ())) < MAX_SLOTS else None

    def _busy(self, worker: BorrowingWorker) -> list[Handover]:
        return [one for one in self._handovers.get(worker, {}).values() if one.is_busy]

    def _hear(self, worker: BorrowingWorker) -> None:
        """Takes back the connections that a worker returns."""
        while self._handovers.get(worker):
            try:
                number = receive_return(worker.handovers)
            except BlockingIOError:
                return
            if number is None:
                # The worker has ended, and its channel reports that after its last reply.
                self._loop.remove_reader(worker.handovers)
                return
            self._settle(worker, number)

    def _settle(self, worker: BorrowingWorker, number: int) -> Exchange | None:
        """Ends a handover; returns the request that the worker had not answered."""
        self._read_records(worker)
        handovers = self._handovers[worker]
        handover = handovers.pop(number)
        if not handovers:
            self._loop.remove_reader(worker.handovers)
            del self._handovers[worker]
        handover.connection.repeated = 0 if handover.is_recalled else REPEATED_REQUESTS - RETURNED_REQUESTS
        return handover.end()

    def lost(self, worker: BorrowingWorker) -> list[Exchange]:
        """Takes back the connections of a worker that has ended; returns the requests that it had."""
        found = [self._settle(worker, number) for number in [*self._handovers.get(worker, ())]]
        return [exchange for exchange in found if exchange]

    def close(self) -> None:
        """Recalls all connections, and hands over nothing from now on."""
        self._closed = True
        for worker, handovers in self._handovers.items():
            for handover in handovers.values():
                self._recall(worker, handover)

    def _recall(self, worker: BorrowingWorker, handover: Handover) -> None:
        handover.is_recalled = True
        try:
            send_recall(worker.handovers, handover.number)
        except OSError:
            # It has ended, or has more to read than there is room for: the next tick tries again.
            handover.is_recalled = False

    def read_records(self) -> None:
        """Counts and records the responses that workers have sent until now."""
        for worker in self._handovers:
            self._read_records(worker)

    def _read_records(self, worker: BorrowingWorker) -> None:
        # Counts first: of them and a failure in the records, the failure is the later one.
        self._counted(worker.memory.counts.read())
        handovers = self._handovers[worker]
        for number, record in worker.memory.records.read():
            handovers[number].record(record)
            self._recorded(record)

    def tick(self) -> None:
        """Records responses, and recalls connections; to be called ten times a second.

        Connections without requests are recalled, and one of the worker that has two busy ones more than
        another: it is handed over again to that one.
        """
        self.read_records()
        for worker, handovers in self._handovers.items():
            for handover in handovers.values():
                handover.tick()
                if not handover.is_recalled and (self._closed or handover.idle_ticks >= IDLE_TICKS):
                    self._recall(worker, handover)
        self._balance()

    def _balance(self) -> None:
        busy = {worker: self._busy(worker) for worker in self._find_workers()}
        most = max(busy, key=lambda worker: len(busy[worker]), default=None)
        if most and len(busy[most]) - min(map(len, busy.values())) >= 2:
            self._recall(most, busy[most][0])

    def is_overdue(self, worker: BorrowingWorker, now: float) -> bool:
        """Whether a worker predicts a request of a direct connection past the deadline of the request."""
        return any(now - one.slot.arrived > self._deadline(one.body()) for one in self.answering(worker))
