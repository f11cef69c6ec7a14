"""Hands the connection of a lone client over to a worker, in the front, and takes it back."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, NamedTuple, Protocol

from serving.direct_connections import handover_memory
from serving.direct_connections.repeated_head import RepeatedHead
from serving.predict.request import InferenceRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.direct_connections.handover_memory import HandoverMemory
    from serving.http.exchange import Exchange, SharedConnection
    from serving.http.response import ResponseRecord

LONE_REQUESTS = 3
IDLE_TICKS = 10
_CONNECTION = b"c"


class BorrowingWorker(Protocol):
    """A worker that can answer a connection itself; serving.workers.worker_process has it.

    Attributes:
        memory: The memory that it shares with the front.
        handovers: The front's end of a socket pair with it.
    """

    memory: HandoverMemory
    handovers: socket.socket

    def answer_directly(self, head: RepeatedHead) -> None:
        """Tells the worker to answer the connection that was sent to it."""

    def recall(self) -> None:
        """Tells the worker to return the connection."""


class _Handover(NamedTuple):
    worker: BorrowingWorker
    connection: SharedConnection
    request: Exchange


class ConnectionHandover:
    """Hands over one connection at a time, while all requests come from it, one by one.

    Attributes:
        last: The connection of the last noted request; to be cleared when another could not be noted.
    """

    def __init__(
        self,
        idle: Callable[[], BorrowingWorker | None],
        recorded: Callable[[ResponseRecord], None],
        deadline: Callable[[bytes], float],
    ) -> None:
        """Creates the handover.

        Args:
            idle: Returns an idle worker; None when all are busy.
            recorded: Receives the record of each response that a worker has sent.
            deadline: Returns how long a request with this body may take, in seconds.
        """
        self._find_idle = idle
        self._recorded = recorded
        self._deadline = deadline
        self._handover: _Handover | None = None
        self.last: SharedConnection | None = None
        self._in_a_row = 0
        self._is_due = False
        self._closed = False
        self._written = 0
        self._idle_ticks = 0
        self._loop = asyncio.get_running_loop()

    @property
    def handed_over(self) -> int:
        """Number of direct connections."""
        return int(self._handover is not None)

    def is_answering(self, worker: BorrowingWorker) -> bool:
        """Whether this worker is predicting a request of its direct connection."""
        is_handed_over = self._handover is not None and self._handover.worker is worker
        return is_handed_over and worker.memory.stage == handover_memory.ANSWERING

    def note(self, exchange: Exchange) -> None:
        """Notes a request that was answered alone: after a few of one connection, it is handed over."""
        if exchange.connection is not self.last:
            self.last, self._in_a_row = exchange.connection, 1
            return
        self._in_a_row += 1
        # One handover a tick at most: two clients that take turns would otherwise cause one a request.
        if self._is_due and self._in_a_row >= LONE_REQUESTS:
            self._is_due = False
            # In the next turn of the event loop the response is written.
            self._loop.call_soon(self._hand_over, exchange)

    def _hand_over(self, request: Exchange) -> None:
        worker, head, connection = self._find_idle(), RepeatedHead.of(request), request.connection
        if self._handover or self._closed or not worker or not head or not connection:
            return
        descriptor = connection.hand_over()
        if descriptor is None:
            return
        try:
            socket.send_fds(worker.handovers, [_CONNECTION], [descriptor])
        except OSError:
            connection.take_back()
            return
        worker.memory.enter(handover_memory.WAITING)
        self._handover = _Handover(worker, connection, request)
        self._idle_ticks = 0
        self._loop.add_reader(worker.handovers, self._hear, worker)
        worker.answer_directly(head)

    def _hear(self, worker: BorrowingWorker) -> None:
        """Takes back the connection that a worker returns."""
        try:
            is_returned = bool(worker.handovers.recv(1))
        except ConnectionError:
            is_returned = False
        if is_returned:
            self._settle()
        else:
            # The worker has ended, and its channel reports that after its last reply.
            self._loop.remove_reader(worker.handovers)

    def _settle(self) -> Exchange | None:
        """Ends the handover; returns the request that the worker had not answered."""
        if self._handover is None:
            return None
        self.read_records()
        worker, connection, request = self._handover
        self._handover = self.last = None
        self._loop.remove_reader(worker.handovers)
        content = worker.memory.content()
        match worker.memory.stage:
            case handover_memory.RECEIVED:
                connection.take_back(received=content)
            case handover_memory.UNSENT:
                connection.take_back(unsent=content)
            case handover_memory.ANSWERING:
                exchange = _repeated(request, content, connection, worker.memory.arrived)
                connection.take_back(pending=exchange)
                return exchange
            case stage:
                connection.take_back(is_broken=stage != handover_memory.WAITING)
        return None

    def lost(self, worker: BorrowingWorker) -> Exchange | None:
        """Takes back the connection of a worker that has ended; returns the request that it had."""
        return self._settle() if self._handover and self._handover.worker is worker else None

    def recall(self) -> None:
        """Has the worker return the connection."""
        if self._handover:
            self._handover.worker.recall()

    def close(self) -> None:
        """Hands over nothing from now on."""
        self._closed = True
        self.recall()

    def read_records(self) -> None:
        """Records the responses that the worker has sent until now."""
        if self._handover:
            for record in self._handover.worker.memory.read():
                self._handover.connection.record(self._handover.request.route, record)
                self._recorded(record)

    def tick(self) -> None:
        """Records responses, and recalls a connection without requests; to be called ten times a second."""
        self._is_due = True
        if self._handover is None:
            return
        self.read_records()
        memory = self._handover.worker.memory
        is_idle = memory.stage == handover_memory.WAITING and memory.written == self._written
        self._written = memory.written
        self._idle_ticks = self._idle_ticks + 1 if is_idle else 0
        if self._idle_ticks == IDLE_TICKS:
            self.recall()

    def is_overdue(self, worker: BorrowingWorker, now: float) -> bool:
        """Whether this worker is predicting a request of its direct connection after the deadline."""
        if not self.is_answering(worker):
            return False
        memory = worker.memory
        arrived = memory.arrived
        return now - arrived > self._deadline(_body(memory.content()))


def _repeated(request: Exchange, data: bytes, connection: SharedConnection, arrived: float) -> Exchange:
    """Returns the request that `data` is; it has the head of an earlier one."""
    assert request.inference  # noqa: S101  # it was predicted
    exchange = request.with_same_head(connection.reply)
    exchange.body = _body(data)
    exchange.inference = InferenceRequest("", exchange.body, request.inference.metadata)
    exchange.arrived = arrived
    return exchange


def _body(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]
