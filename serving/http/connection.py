"""One client's connection: requests in, their answers out in the same order, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from serving.http.exchange import Exchange
from serving.http.request_reader import Phase, RequestReader
from serving.http.response import CLOSE, CONTINUE
from serving.problem import RETRY, Problem

if TYPE_CHECKING:
    from serving.http.clients import Clients

IDLE_SECONDS = 75.0
HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
WRITE_SECONDS = 30.0
END_SECONDS = 2.0
QUIET_SECONDS = 1.0
MAX_PIPELINED = 64


class Connection(asyncio.Protocol):
    """Carries a client's requests to their routes and the answers back.

    Attributes:
        clients: All the connections, of which this is one.
    """

    _transport: asyncio.Transport

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self._reader = RequestReader(self, clients.clock())
        self._exchanges: deque[Exchange] = deque()
        self._owes_continue = False
        self._half_closed = False
        self._lingers = False
        self._writable = True
        self._backlog = 0
        self._busy = self._progress = self._reader.since

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes the connection in, or refuses it when there are too many."""
        self._transport = transport  # type: ignore[assignment]  # that of a stream, here
        if not self.clients.add(self):
            detail = "There are too many connections: use fewer, and keep them."
            self._give_up(Problem(503, detail, headers=RETRY))

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        """Forgets whom it could have answered."""
        self.clients.remove(self)
        self._reader.stop()
        for exchange in self._exchanges:
            exchange.gone = True
        self._exchanges.clear()

    def data_received(self, data: bytes) -> None:
        """Reads what the client sent."""
        reader = self._reader
        if reader.phase is Phase.NOTHING:
            return
        try:
            reader.feed(data, self.clients.clock())
        except Problem as problem:
            self._give_up(problem)

    def eof_received(self) -> bool:
        """Lets a client that sends no more have the answers it waits for."""
        self._half_closed = True
        return bool(self._exchanges)

    def pause_writing(self) -> None:
        """Takes no more requests from a client that does not read its answers."""
        self._writable = False
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Takes requests again."""
        self._writable = True
        self._read_on()

    def hand_over(self, exchange: Exchange) -> None:
        """Takes a complete request to its route."""
        self._owes_continue = False
        self._queue(exchange)
        assert exchange.route is not None  # noqa: S101  # the reader found it
        exchange.route.handle(exchange)

    def turn_away(self, exchange: Exchange, problem: Problem) -> None:
        """Refuses a request that was not read to its end."""
        self._lingers = True
        self._queue(exchange)
        exchange.refuse(problem)

    def welcome(self) -> None:
        """Tells a client that waits for it to send its body."""
        self._owes_continue = bool(self._exchanges)
        if not self._owes_continue:
            self._transport.write(CONTINUE)

    def flush(self) -> None:
        """Writes the answers whose turn it is."""
        exchanges = self._exchanges
        full = len(exchanges) >= MAX_PIPELINED
        while exchanges and (response := exchanges[0].response) is not None:
            self._transport.write(response)
            if exchanges.popleft().closes:
                self._end()
                return
        if self._half_closed and not exchanges:
            self._transport.close()
        elif self._owes_continue:
            self.welcome()
        elif full:
            self._read_on()

    def _queue(self, exchange: Exchange) -> None:
        self._exchanges.append(exchange)
        if len(self._exchanges) >= MAX_PIPELINED:
            self._transport.pause_reading()

    def _read_on(self) -> None:
        if self._writable and len(self._exchanges) < MAX_PIPELINED and not self._transport.is_closing():
            self._transport.resume_reading()

    def _give_up(self, problem: Problem) -> None:
        exchange = Exchange(self)
        exchange.ending = CLOSE
        exchange.arrived = self.clients.clock()
        self._reader.stop()
        self.turn_away(exchange, problem)

    def _end(self) -> None:
        self._reader.stop()
        if self._transport.is_closing():
            return
        if self._lingers and not self._half_closed:
            # Closed with bytes unread, the connection would be reset and the answer lost on its way.
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    def end_if_quiet(self, now: float) -> None:
        """Closes a connection that neither asks nor waits, and has not just been opened to ask."""
        quiet = self._reader.phase is Phase.REQUEST and now - self._reader.since > QUIET_SECONDS
        if quiet and not self._exchanges:
            self._transport.close()

    def sweep(self, now: float) -> None:
        """Ends what takes too long; to be called every second."""
        if self._is_unread(now):
            self._transport.abort()
            return
        reader = self._reader
        if self._exchanges:
            self._busy = now
        waited = now - max(reader.since, self._busy)
        if reader.phase is Phase.REQUEST and waited > IDLE_SECONDS:
            self._transport.close()
        elif reader.phase is Phase.NOTHING and waited > END_SECONDS and not self._backlog:
            self._transport.abort()
        elif reader.phase is Phase.HEAD and now - reader.since > HEAD_SECONDS:
            self._give_up(
                Problem(408, f"The headers took longer than {HEAD_SECONDS:g} s: send them at once.")
            )
        elif reader.phase is Phase.BODY and now - reader.since > BODY_SECONDS:
            self._give_up(Problem(408, f"The body took longer than {BODY_SECONDS:g} s: send it faster."))

    def _is_unread(self, now: float) -> bool:
        backlog = self._transport.get_write_buffer_size()
        if not backlog or backlog < self._backlog:
            self._progress = now
        self._backlog = backlog
        return now - self._progress > WRITE_SECONDS
