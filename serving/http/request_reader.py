"""Bytes of one connection as requests: HTTP/1.1 (RFC 9112) by llhttp, with limits."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import httptools

from serving.http.exchange import Exchange
from serving.http.response import CLOSE, KEEP
from serving.predict.request import check_size
from serving.problem import Problem

if TYPE_CHECKING:
    from serving.http.connection import Connection

MAX_HEAD_BYTES = 32_768


class Phase(Enum):
    """What is read next."""

    REQUEST = "request"
    HEAD = "head"
    BODY = "body"
    NOTHING = "nothing"


class RequestReader:
    """Turns what a client sends into exchanges.

    Attributes:
        phase: What is read now; nothing after the last request of a connection.
        since: When that began, in seconds of the monotonic clock.
    """

    def __init__(self, connection: Connection, now: float) -> None:
        self._connection = connection
        self._parser = httptools.HttpRequestParser(self)
        self._exchange = Exchange(connection)
        self._chunks: list[bytes] = []
        self._size = 0
        self._head_size = 0
        self._piece_size = 0
        self._discards = False
        self._now = now
        self.phase = Phase.REQUEST
        self.since = now

    def feed(self, data: bytes, now: float) -> None:
        """Reads on.

        Raises:
            Problem: When the rest of the connection cannot be read.
        """
        self._now = now
        self._piece_size = len(data)
        self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self.phase is Phase.REQUEST:
                self._read_again(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError:
            # Our own mistake and not the client's: the loop logs it and ends the connection.
            raise
        except httptools.HttpParserError as error:
            if self.phase is not Phase.NOTHING:
                raise Problem(400, f"The request is not HTTP/1.1: {error}.") from error
        if self.phase is Phase.HEAD and self._head_size > MAX_HEAD_BYTES:
            raise _head_too_large()

    def _read_again(self, rest: bytes) -> None:
        """Reads a request that offers another protocol as if it did not.

        Nobody has to accept (RFC 9110, section 7.8), but llhttp takes the body for that protocol.
        """
        exchange = self._exchange
        headers = (item for item in exchange.headers.items() if item[0] not in (b"upgrade", b"connection"))
        lines = [b"%b %b HTTP/1.1" % (exchange.method, exchange.url), *map(b"%b: %b".__mod__, headers)]
        self._parser = httptools.HttpRequestParser(self)
        self.feed(b"\r\n".join([*lines, b"", rest]), self._now)

    def stop(self) -> None:
        """Reads nothing any more."""
        self._enter(Phase.NOTHING)

    def on_message_begin(self) -> None:
        """Begins a request."""
        if self.phase is Phase.REQUEST:
            self._exchange = Exchange(self._connection)
            self._head_size = 0
            self._enter(Phase.HEAD)

    def on_url(self, url: bytes) -> None:
        """Takes a piece of the request's target."""
        self._exchange.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Takes a header; one given twice becomes one list (RFC 9110, section 5.3)."""
        headers = self._exchange.headers
        name = name.lower()
        headers[name] = value if name not in headers else headers[name] + b", " + value

    def on_headers_complete(self) -> None:
        """Finds out whether the body is wanted."""
        if self.phase is not Phase.HEAD:
            return
        exchange = self._exchange
        exchange.method = self._parser.get_method()
        if b"upgrade" in exchange.headers and self._parser.should_upgrade():
            self.phase = Phase.REQUEST
            return
        exchange.path, _, exchange.query = exchange.url.partition(b"?")
        self._enter(Phase.BODY)
        self._set_ending(exchange)
        try:
            self._check_head(exchange)
            exchange.route = self._connection.clients.routes.find(exchange.method, exchange.path)
            if b"content-length" in exchange.headers:
                check_size(int(exchange.headers[b"content-length"]))
        except Problem as problem:
            self._refuse(problem)
        else:
            if b"expect" in exchange.headers:
                self._connection.welcome()

    def _check_head(self, exchange: Exchange) -> None:
        received = self._piece_size + self._head_size
        if received > MAX_HEAD_BYTES and _head_size(exchange) > MAX_HEAD_BYTES:
            raise _head_too_large()
        if b"host" not in exchange.headers and self._parser.get_http_version() == "1.1":
            raise Problem(400, "The request has no Host header, which HTTP/1.1 wants.")

    def on_body(self, chunk: bytes) -> None:
        """Takes a piece of the body."""
        if self._discards or self.phase is not Phase.BODY:
            return
        self._size += len(chunk)
        self._chunks.append(chunk)
        try:
            check_size(self._size)
        except Problem as problem:
            self._refuse(problem)

    def on_message_complete(self) -> None:
        """Hands the request over."""
        if self.phase is not Phase.BODY:
            return
        exchange, chunks = self._exchange, self._chunks
        self._enter(Phase.NOTHING if exchange.closes else Phase.REQUEST)
        if self._discards:
            self._discards = False
            return
        exchange.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if chunks:
            self._chunks = []
            self._size = 0
        exchange.arrived = self._now
        self._connection.hand_over(exchange)

    def _set_ending(self, exchange: Exchange) -> None:
        if not self._parser.should_keep_alive():
            exchange.ending = CLOSE
        elif b"connection" in exchange.headers and self._parser.get_http_version() == "1.0":
            exchange.ending = KEEP

    def _refuse(self, problem: Problem) -> None:
        # Answered before the body has come. Whoever still sends it is read to its end, and would miss the
        # answer if the connection were closed; who waits for "100 Continue" or for a tunnel sends nothing.
        self._discards = True
        self._chunks = []
        self._size = 0
        exchange = self._exchange
        exchange.arrived = self._now
        if b"expect" in exchange.headers or exchange.method == b"CONNECT":
            exchange.ending = CLOSE
            self._enter(Phase.NOTHING)
        self._connection.turn_away(exchange, problem)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.since = self._now


def _head_size(exchange: Exchange) -> int:
    return len(exchange.url) + sum(len(name) + len(value) for name, value in exchange.headers.items())


def _head_too_large() -> Problem:
    return Problem(431, f"The request's headers are over {MAX_HEAD_BYTES} bytes, the most there may be.")
