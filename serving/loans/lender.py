"""Lends the connection of a lone client to a worker, in the front, and takes it back."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, NamedTuple, Protocol

from serving.loans import loan_memory
from serving.loans.repeated_head import RepeatedHead
from serving.predict.request import InferenceRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.exchange import Exchange, LendableConnection
    from serving.http.response import ResponseRecord
    from serving.loans.loan_memory import LoanMemory

LONE_REQUESTS = 3
IDLE_TICKS = 10
_CONNECTION = b"c"


class BorrowingWorker(Protocol):
    """A worker that can answer a connection itself; serving.workers.worker_process has it.

    Attributes:
        memory: The memory that it shares with the front.
        loans: The front's end of a socket pair with it.
    """

    memory: LoanMemory
    loans: socket.socket

    def borrow(self, head: RepeatedHead) -> None:
        """Tells the worker to answer the connection that was sent to it."""

    def recall(self) -> None:
        """Tells the worker to return the connection."""


class _Loan(NamedTuple):
    worker: BorrowingWorker
    connection: LendableConnection
    request: Exchange


class Lender:
    """Lends one connection at a time, while all requests come from it, one by one.

    Attributes:
        last: The connection of the last noted request; to be cleared when another could not be noted.
    """

    def __init__(
        self,
        idle: Callable[[], BorrowingWorker | None],
        recorded: Callable[[ResponseRecord], None],
        deadline: Callable[[bytes], float],
    ) -> None:
        """Creates the lender.

        Args:
            idle: Returns an idle worker; None when all are busy.
            recorded: Receives the record of each response that a worker has sent.
            deadline: Returns how long a request with this body may take, in seconds.
        """
        self._find_idle = idle
        self._recorded = recorded
        self._deadline = deadline
        self._loan: _Loan | None = None
        self.last: LendableConnection | None = None
        self._in_a_row = 0
        self._is_due = False
        self._closed = False
        self._written = 0
        self._idle_ticks = 0
        self._loop = asyncio.get_running_loop()

    @property
    def lent(self) -> int:
        """Number of lent connections."""
        return int(self._loan is not None)

    def is_answering(self, worker: BorrowingWorker) -> bool:
        """Whether a worker is answering a request of a lent connection."""
        is_lent = self._loan is not None and self._loan.worker is worker
        return is_lent and worker.memory.stage == loan_memory.ANSWERING

    def note(self, exchange: Exchange) -> None:
        """Notes a request that was answered alone: after a few of one connection, the connection is lent."""
        if exchange.connection is not self.last:
            self.last, self._in_a_row = exchange.connection, 1
            return
        self._in_a_row += 1
        # At most once a tick, so that clients who take turns do not cause a loan for each request.
        if self._is_due and self._in_a_row >= LONE_REQUESTS:
            self._is_due = False
            # In the next turn of the event loop the response is written.
            self._loop.call_soon(self._lend, exchange)

    def _lend(self, request: Exchange) -> None:
        worker, head, connection = self._find_idle(), RepeatedHead.of(request), request.connection
        if self._loan or self._closed or not worker or not head or not connection:
            return
        descriptor = connection.lend()
        if descriptor is None:
            return
        try:
            socket.send_fds(worker.loans, [_CONNECTION], [descriptor])
        except OSError:
            connection.take_back()
            return
        worker.memory.enter(loan_memory.WAITING)
        self._loan = _Loan(worker, connection, request)
        self._idle_ticks = 0
        self._loop.add_reader(worker.loans, self._hear, worker)
        worker.borrow(head)

    def _hear(self, worker: BorrowingWorker) -> None:
        """Takes back the connection that a worker returns."""
        try:
            is_returned = bool(worker.loans.recv(1))
        except ConnectionError:
            is_returned = False
        if is_returned:
            self._settle()
        else:
            # The worker has ended, and its channel reports that after its last reply.
            self._loop.remove_reader(worker.loans)

    def _settle(self) -> Exchange | None:
        """Ends the loan; returns the request that the worker had not answered."""
        if self._loan is None:
            return None
        self.read_records()
        worker, connection, request = self._loan
        self._loan = self.last = None
        self._loop.remove_reader(worker.loans)
        content = worker.memory.content()
        match worker.memory.stage:
            case loan_memory.RECEIVED:
                connection.take_back(received=content)
            case loan_memory.UNSENT:
                connection.take_back(unsent=content)
            case loan_memory.ANSWERING:
                exchange = _repeated(request, content, connection, worker.memory.arrived)
                connection.take_back(pending=exchange)
                return exchange
            case stage:
                connection.take_back(is_broken=stage != loan_memory.WAITING)
        return None

    def lost(self, worker: BorrowingWorker) -> Exchange | None:
        """Takes back the connection of a worker that has ended; returns the request that it had."""
        return self._settle() if self._loan and self._loan.worker is worker else None

    def recall(self) -> None:
        """Has the worker return the connection."""
        if self._loan:
            self._loan.worker.recall()

    def close(self) -> None:
        """Lends nothing from now on."""
        self._closed = True
        self.recall()

    def read_records(self) -> None:
        """Records the responses that the worker has sent until now."""
        if self._loan:
            for record in self._loan.worker.memory.read():
                self._loan.connection.record(self._loan.request.route, record)
                self._recorded(record)

    def tick(self) -> None:
        """Records responses, and recalls a connection without requests; to be called ten times a second."""
        self._is_due = True
        if self._loan is None:
            return
        self.read_records()
        memory = self._loan.worker.memory
        is_idle = memory.stage == loan_memory.WAITING and memory.written == self._written
        self._written = memory.written
        self._idle_ticks = self._idle_ticks + 1 if is_idle else 0
        if self._idle_ticks == IDLE_TICKS:
            self.recall()

    def is_overdue(self, worker: BorrowingWorker, now: float) -> bool:
        """Whether a worker takes longer for the request of a lent connection than it may."""
        if not self.is_answering(worker):
            return False
        memory = worker.memory
        arrived = memory.arrived
        return now - arrived > self._deadline(_body(memory.content()))


def _repeated(request: Exchange, data: bytes, connection: LendableConnection, arrived: float) -> Exchange:
    """Returns the request that `data` is; it has the head of an earlier one."""
    assert request.inference  # noqa: S101  # it was predicted
    exchange = request.with_same_head(connection.reply)
    exchange.body = _body(data)
    exchange.inference = InferenceRequest("", exchange.body, request.inference.metadata)
    exchange.arrived = arrived
    return exchange


def _body(data: bytes) -> bytes:
    return data.partition(b"\r\n\r\n")[2]
