"""The front's end of the socket to a worker: one order at a time, and what comes back."""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol

from serving.workers.protocol import Answer, Answers, Ask, Check, FrameReader, Order, Reply, pack, read_reply

if TYPE_CHECKING:
    from serving.http.exchange import Exchange


CHECK_SECONDS = 2.0


class WorkerLostError(Exception):
    """The worker's process ended."""


class Listener(Protocol):
    """Who hears what becomes of orders."""

    def answered(self, exchanges: list[Exchange], answers: list[Answer]) -> None:
        """Takes the answers to requests."""

    def freed(self) -> None:
        """Hears that there is nothing more to do."""

    def lost(self, exchanges: list[Exchange]) -> None:
        """Hears that the other end is gone, and which requests it had."""


class _Task(NamedTuple):
    order: Order
    seconds: float
    reply: asyncio.Future[Reply] | None


class Link(asyncio.Protocol):
    """Sends orders, each when the one before it is done.

    Attributes:
        busy: Whether an order is under way.
        exchanges: The requests that are.
        gone: Set when the other end is gone.
        replied: When something last came back, in seconds of the monotonic clock.
    """

    _transport: asyncio.Transport

    def __init__(self, listener: Listener) -> None:
        self.busy = False
        self.exchanges: list[Exchange] = []
        self.gone = asyncio.Event()
        self.replied = 0.0
        self._listener = listener
        self._reader = FrameReader()
        self._current: _Task | None = None
        self._orders: deque[_Task] = deque()
        self._sent = 0.0

    def ask(self, exchanges: list[Exchange], seconds: float) -> None:
        """Sends requests; nothing else may be under way. Their answers go to the listener.

        Args:
            exchanges: What is to be answered.
            seconds: How long it may take.
        """
        self.exchanges = exchanges
        questions = [exchange.question for exchange in exchanges]
        self._send(_Task(Ask(questions), seconds, None))  # type: ignore[arg-type]  # each has its question

    async def order(self, order: Order, seconds: float) -> Reply:
        """Sends another order, before any more requests.

        Args:
            order: What is to be done.
            seconds: How long it may take once it begins.

        Raises:
            WorkerLostError: When the other end is gone before it is done.
        """
        if self.gone.is_set():
            raise WorkerLostError
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        task = _Task(order, seconds, reply)
        if self.busy:
            self._orders.append(task)
        else:
            self._send(task)
        return await reply

    def probe(self) -> None:
        """Has the other end show that it is there; nothing else may be under way."""
        self._send(_Task(Check(), CHECK_SECONDS, None))

    def is_overdue(self, now: float) -> bool:
        """Whether what is under way takes too long."""
        return self._current is not None and now - self._sent > self._current.seconds

    def late(self, now: float) -> list[Exchange]:
        """The requests under way whose time is up."""
        return [exchange for exchange in self.exchanges if exchange.expires < now]

    def _send(self, task: _Task) -> None:
        self._current = task
        self.busy = True
        self._sent = monotonic()
        self._transport.write(pack(task.order))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Has the socket."""
        self._transport = transport  # type: ignore[assignment]  # that of a stream, here

    def data_received(self, data: bytes) -> None:
        """Takes what comes back."""
        content = self._reader.feed(data)
        if content is None:
            return
        reply = read_reply(content)
        self.replied = monotonic()
        task, self._current, self.busy = self._current, None, False
        if isinstance(reply, Answers):
            exchanges, self.exchanges = self.exchanges, []
            self._listener.answered(exchanges, reply.answers)
        elif task and task.reply and not task.reply.done():
            task.reply.set_result(reply)
        if self._orders:
            self._send(self._orders.popleft())
        elif not self.busy:
            self._listener.freed()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Tells everybody who waits."""
        self.gone.set()
        tasks = [*([self._current] if self._current else []), *self._orders]
        for task in tasks:
            if task.reply and not task.reply.done():
                task.reply.set_exception(WorkerLostError())
        self._orders.clear()
        self._current = None
        exchanges, self.exchanges = self.exchanges, []
        self._listener.lost(exchanges)
