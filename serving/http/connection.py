"""One client's connection: requests in, responses out in the same order, each step with a timeout."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol

from serving.http.exchange import Exchange, render
from serving.http.request_reader import BODY, HEAD, NOTHING, REQUEST, RequestReader
from serving.http.response import CLOSE, CONTINUE
from serving.log import log_event, logger
from serving.problem import RETRY_AFTER, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.exchange import KnownHeads, SharedSocket
    from serving.http.metrics import AccessLog
    from serving.http.response import Response, ResponseRecord
    from serving.http.route import Route

IDLE_SECONDS = 75.0
HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
WRITE_SECONDS = 30.0
CLOSE_SECONDS = 2.0
QUIET_SECONDS = 1.0
MAX_PIPELINED = 64

_BROKEN = (
    "Its worker ended during a request, and the kernel does not tell how many bytes were read or written."
)


class ConnectionOwner(Protocol):
    """State that all connections share; serving.http.open_connections has it."""

    access_log: AccessLog
    clock: Callable[[], float]
    date: bytes
    find_route: Callable[[bytes, bytes], Route]
    known_heads: KnownHeads
    max_body: int
    stopping: bool

    def add(self, connection: Connection) -> bool:
        """Adds an open connection; returns whether it is within the limit."""

    def remove(self, connection: Connection) -> None:
        """Removes a closed connection."""


class Connection(asyncio.Protocol):
    """Dispatches a client's requests to their routes and writes the responses."""

    _transport: asyncio.Transport

    def __init__(self, owner: ConnectionOwner) -> None:
        self._owner = owner
        self._reader = RequestReader(
            self, owner.find_route, owner.clock(), max_body=owner.max_body, known_heads=owner.known_heads
        )
        self._exchanges: deque[Exchange] = deque()
        self._owes_continue = False
        self._half_closed = False
        self._lingers = False
        self.repeated = 0
        self._is_handed_over = False
        self._writable = True
        self._backlog = 0
        self._last_busy = self._last_written = self._reader.since

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuses the connection with 503 when it is over the limit."""
        self._transport = transport  # type: ignore[assignment]  # that of a stream, here
        if not self._owner.add(self):
            detail = "There are too many connections: use fewer, and keep them open."
            self._give_up(Problem(503, detail, headers=RETRY_AFTER))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Marks the pending requests as gone."""
        self._owner.remove(self)
        self._reader.stop()
        for exchange in self._exchanges:
            exchange.gone = True
        self._exchanges.clear()

    def data_received(self, data: bytes) -> None:
        """Parses the bytes of the client."""
        reader = self._reader
        if reader.phase is NOTHING:
            return
        try:
            reader.feed(data, self._owner.clock())
        except Problem as problem:
            self._give_up(problem)

    def eof_received(self) -> bool:
        """Keeps the connection open while responses are pending."""
        self._half_closed = True
        return bool(self._exchanges)

    def pause_writing(self) -> None:
        """Reads no more requests from a client that does not read its responses."""
        self._writable = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Reads requests again."""
        self._writable = True
        self._resume_reading()

    def dispatch(self, exchange: Exchange) -> None:
        """Passes a complete request to its route."""
        self._owes_continue = False
        exchange.connection = self
        if not exchange.head:
            self.repeated = 0
        self._queue(exchange)
        assert exchange.handle is not None  # noqa: S101  # the reader found its route
        exchange.handle(exchange)

    def reject(self, exchange: Exchange, problem: Problem) -> None:
        """Refuses a request that was not read to its end."""
        self._lingers = True
        self._queue(exchange)
        exchange.refuse(problem)

    def send_continue(self) -> None:
        """Sends 100 Continue, or postpones it until the responses ahead of it are written."""
        self._owes_continue = bool(self._exchanges)
        if not self._owes_continue:
            self._transport.write(CONTINUE)

    def reply(self, exchange: Exchange, response: Response) -> None:
        """Renders and records the response to a request, then writes the responses that are due.

        An error ends this connection only. The caller often has the responses of other clients, too.
        """
        try:
            owner = self._owner
            if owner.stopping:
                self._close_after_last(exchange)
            exchange.response = render(
                response, owner.date, ending=exchange.ending, is_head=exchange.method == b"HEAD"
            )
            owner.access_log.record(exchange, response)
            self._flush()
        except Exception:
            logger.exception("response not sent")
            self._transport.abort()

    def hand_over(self) -> SharedSocket | None:
        """Stops to read, so that another process can; returns the socket, None while it is in use."""
        is_quiet = self._reader.phase is REQUEST and not self._exchanges and not self._half_closed
        transport = self._transport
        if (
            not is_quiet
            or self._is_handed_over
            or transport.is_closing()
            or transport.get_write_buffer_size()
        ):
            return None
        transport.pause_reading()
        self._is_handed_over = True
        shared: SharedSocket = transport.get_extra_info("socket")
        return shared

    def take_back(
        self,
        *,
        received: bytes = b"",
        unsent: bytes = b"",
        pending: Exchange | None = None,
        is_broken: bool = False,
    ) -> None:
        """Reads again, after another process has.

        Args:
            received: Bytes of a request that it did not answer.
            unsent: Bytes of a response that it did not send.
            pending: A request that it received; the caller has it answered.
            is_broken: Whether it may have lost a request or a part of a response: nobody can answer then.
        """
        self._is_handed_over = False
        self._reader.since = self._owner.clock()
        if is_broken:
            log_event("error", "connection closed", reason=_BROKEN)
            self._transport.close()
        if unsent:
            self._transport.write(unsent)
        if pending:
            self._queue(pending)
        self._resume_reading()
        if received:
            self._read_again(received)

    def _read_again(self, received: bytes) -> None:
        # The event loop logs an error and ends the connection, but only for bytes that it has read itself.
        try:
            self.data_received(received)
        except Exception:
            logger.exception("request not read")
            self._transport.abort()

    def record(self, route: str, record: ResponseRecord) -> None:
        """Counts a response that another process has sent and logged, to a request of a route."""
        self._owner.access_log.count(route, record, record.seconds)

    def _flush(self) -> None:
        exchanges = self._exchanges
        full = len(exchanges) >= MAX_PIPELINED
        while exchanges and (response := exchanges[0].response) is not None:
            self._transport.write(response)
            if exchanges.popleft().closes:
                self._end()
                return
        if self._half_closed and not exchanges:
            self._transport.close()
            return
        if self._owes_continue:
            self.send_continue()
        if full:
            self._resume_reading()

    def _close_after_last(self, exchange: Exchange) -> None:
        """Closes the connection after the last request that has arrived until now, which must be pending."""
        last, phase = self._exchanges[-1], self._reader.phase
        if last.response is not None:
            return
        if exchange is last:
            exchange.ending = CLOSE
        self._lingers |= len(self._exchanges) > 1 or phase is HEAD or phase is BODY
        if exchange is last or phase is REQUEST:
            # A client that always sends another request would never come to its end.
            self._reader.stop()

    def _queue(self, exchange: Exchange) -> None:
        self._exchanges.append(exchange)
        if len(self._exchanges) >= MAX_PIPELINED:
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._writable and len(self._exchanges) < MAX_PIPELINED and not self._transport.is_closing():
            self._transport.resume_reading()

    def _give_up(self, problem: Problem) -> None:
        exchange = Exchange(self.reply)
        exchange.ending = CLOSE
        exchange.arrived = self._owner.clock()
        self._reader.stop()
        self.reject(exchange, problem)

    def _end(self) -> None:
        self._reader.stop()
        if self._transport.is_closing():
            return
        if self._lingers and not self._half_closed:
            # Closing a socket with unread bytes resets the connection, and the client may lose the response.
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    def close_if_quiet(self, now: float) -> None:
        """Closes the connection when it has no request under way and was not opened just now."""
        quiet = self._reader.phase is REQUEST and now - self._reader.since > QUIET_SECONDS
        if quiet and not self._exchanges and not self._is_handed_over:
            self._transport.close()

    def sweep(self, now: float) -> None:
        """Ends the connection when one of its timeouts has passed; to be called every second."""
        if self._is_unread(now):
            log_event("warning", "response not read", seconds=WRITE_SECONDS, unread=self._backlog)
            self._transport.abort()
            return
        reader = self._reader
        if self._exchanges or self._is_handed_over:
            self._last_busy = now
        waited = now - max(reader.since, self._last_busy)
        if reader.phase is REQUEST and waited > IDLE_SECONDS:
            self._transport.close()
        elif reader.phase is NOTHING and waited > CLOSE_SECONDS and not self._backlog:
            self._transport.abort()
        elif reader.phase is HEAD and now - reader.since > HEAD_SECONDS:
            self._give_up(
                Problem(408, f"The headers took longer than {HEAD_SECONDS:g} s: send them at once.")
            )
        elif reader.phase is BODY and now - reader.since > BODY_SECONDS:
            self._give_up(Problem(408, f"The body took longer than {BODY_SECONDS:g} s: send it faster."))

    def _is_unread(self, now: float) -> bool:
        backlog = self._transport.get_write_buffer_size()
        if not backlog or backlog < self._backlog:
            self._last_written = now
        self._backlog = backlog
        return now - self._last_written > WRITE_SECONDS
