"""Channel: the front's ends of the pipes to a worker, with one command under way at a time."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Protocol

from serving.workers.protocol import (
    FrameReader,
    Infer,
    Inferred,
    SelfTest,
    decode_reply,
    encode_frame,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.exchange import Exchange
    from serving.http.response import Response
    from serving.workers.protocol import WorkerCommand, WorkerReply

SELF_TEST_SECONDS = 2.0


class WorkerLostError(Exception):
    """The worker's process ended."""


class ChannelObserver(Protocol):
    """Receives the events of channels; serving.workers.pool has it."""

    def answered(self, exchanges: list[Exchange], responses: list[Response]) -> None:
        """Receives the responses to a batch of requests."""

    def freed(self, channel: WorkerChannel) -> None:
        """Called when no command is under way or queued."""

    def lost(self, channel: WorkerChannel, exchanges: list[Exchange]) -> None:
        """Called when the worker is gone, with the requests that it had."""


class _Task(NamedTuple):
    command: WorkerCommand
    seconds: float
    reply: asyncio.Future[WorkerReply] | None


class WorkerChannel(asyncio.Protocol):
    """Sends commands to a worker, each after the reply to the one before.

    Attributes:
        ready: Whether requests may be sent.
        busy: Whether a command is under way.
        exchanges: The requests under way.
        gone: Set when the worker is gone.
        replied: When the worker last replied, in seconds of the monotonic clock.
    """

    def __init__(
        self, observer: ChannelObserver, clock: Callable[[], float], commands: asyncio.WriteTransport
    ) -> None:
        """Creates the channel, which is the protocol of the pipe of replies.

        Args:
            observer: Receives its events.
            clock: Returns seconds of the monotonic clock.
            commands: The pipe of commands.
        """
        self.ready = False
        self.busy = False
        self.exchanges: list[Exchange] = []
        self.gone = asyncio.Event()
        self.replied = 0.0
        self._observer = observer
        self._clock = clock
        self._commands = commands
        self._reader = FrameReader()
        self._current: _Task | None = None
        self._queued: deque[_Task] = deque()
        self._sent = 0.0

    def infer(self, exchanges: list[Exchange], seconds: float) -> None:
        """Sends requests for predictions; the observer receives the responses. The channel must not be busy.

        Args:
            exchanges: The requests; each has its `inference`.
            seconds: How long the worker may take.
        """
        self.exchanges = exchanges
        requests = [exchange.inference for exchange in exchanges]
        self._send(_Task(Infer(requests), seconds, None))  # type: ignore[arg-type]  # each has its inference

    async def execute(self, command: WorkerCommand, seconds: float) -> WorkerReply:
        """Sends another command, ahead of any further requests, and returns its reply.

        Args:
            command: The command.
            seconds: How long the worker may take once it begins.

        Raises:
            WorkerLostError: When the worker is gone before it replies.
        """
        if self.gone.is_set():
            raise WorkerLostError
        reply: asyncio.Future[WorkerReply] = asyncio.get_running_loop().create_future()
        task = _Task(command, seconds, reply)
        if self.busy:
            self._queued.append(task)
        else:
            self._send(task)
        return await reply

    def probe(self) -> None:
        """Sends a self-test, whose reply proves that the worker is alive. The channel must not be busy."""
        self._send(_Task(SelfTest(), SELF_TEST_SECONDS, None))

    def defer(self, now: float) -> None:
        """Begins the time of the command under way again: the worker has not begun with it."""
        self._sent = now

    def is_overdue(self, now: float) -> bool:
        """Whether the command under way takes longer than it may."""
        return self._current is not None and now - self._sent > self._current.seconds

    def expired(self, now: float) -> list[Exchange]:
        """Returns the requests under way whose deadline has passed."""
        return [exchange for exchange in self.exchanges if exchange.expires < now]

    def _send(self, task: _Task) -> None:
        self._current = task
        self.busy = True
        self._sent = self._clock()
        # The pipes of a worker that has ended close one after the other, and uvloop raises an error for a
        # write to a closed one. The end of the replies, which follows, returns the requests.
        if not self._commands.is_closing():
            self._commands.write(encode_frame(task.command))

    def data_received(self, data: bytes) -> None:
        """Delivers a reply once it is complete, then sends the next command."""
        content = self._reader.feed(data)
        if content is None:
            return
        reply = decode_reply(content)
        self.replied = self._clock()
        task, self._current, self.busy = self._current, None, False
        if isinstance(reply, Inferred):
            exchanges, self.exchanges = self.exchanges, []
            self._observer.answered(exchanges, reply.responses)
        elif task and task.reply and not task.reply.done():
            # A reply that is done was cancelled together with the task that awaited it.
            task.reply.set_result(reply)
        if self._queued:
            self._send(self._queued.popleft())
        elif not self.busy:
            self._observer.freed(self)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Fails the pending commands and returns the requests under way to the observer."""
        self.ready = False
        self.gone.set()
        self._commands.close()
        tasks = [*([self._current] if self._current else []), *self._queued]
        for task in tasks:
            if task.reply and not task.reply.done():
                task.reply.set_exception(WorkerLostError())
        self._queued.clear()
        self._current = None
        exchanges, self.exchanges = self.exchanges, []
        self._observer.lost(self, exchanges)
