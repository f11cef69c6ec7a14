"""HTTP/1.1 request parser (RFC 9112), on llhttp, with limits of the head and the body."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

import httptools

from bundle import MAX_BODY_BYTES
from serving.http.exchange import Exchange, KnownHeads
from serving.http.request_head import (
    MAX_HEAD_BYTES,
    check_head_size,
    check_host,
    check_transfer_encoding,
    ends_with_chunked,
    split_absolute_form,
)
from serving.http.response import CLOSE, KEEP_ALIVE
from serving.predict.request import check_size
from serving.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.response import Response
    from serving.http.route import Route


class Phase(Enum):
    """The part of a request that the parser reads next."""

    REQUEST = "request"
    HEAD = "head"
    BODY = "body"
    NOTHING = "nothing"


# Python 3.11 resolves each access to an Enum member through a descriptor, ten times slower than a global.
REQUEST, HEAD, BODY, NOTHING = Phase


class RequestReceiver(Protocol):
    """Receives parsed requests; serving.http.connection has it."""

    def reply(self, exchange: Exchange, response: Response) -> None:
        """Sends the response to a request."""

    def dispatch(self, exchange: Exchange) -> None:
        """Passes a complete request to its route."""

    def reject(self, exchange: Exchange, problem: Problem) -> None:
        """Refuses a request that was not read to its end."""

    def send_continue(self) -> None:
        """Sends 100 Continue."""


class RequestReader:
    """Parses the bytes of one connection into exchanges.

    Attributes:
        phase: The part that is read now; NOTHING after the last request of a connection.
        since: When that part began, in seconds of the monotonic clock.
    """

    def __init__(
        self,
        receiver: RequestReceiver,
        find_route: Callable[[bytes, bytes], Route],
        now: float,
        *,
        max_body: int = MAX_BODY_BYTES,
        known_heads: KnownHeads | None = None,
    ) -> None:
        """Creates the parser of a connection.

        Args:
            receiver: Receives the requests.
            find_route: Returns the route of a method and a path, or raises a Problem.
            now: Seconds of the monotonic clock.
            max_body: Largest body, in bytes.
            known_heads: Heads that other connections with the same routes and limit had.
        """
        self._known = known_heads or KnownHeads()
        self._receiver = receiver
        self._max_body = max_body
        self._reply = receiver.reply
        self._find_route = find_route
        self._parser = httptools.HttpRequestParser(self)
        self._exchange = Exchange(self._reply)
        self._chunks: list[bytes] = []
        self._size = 0
        self._head_size = 0
        self._piece_size = 0
        self._first_piece = b""
        self._discards = False
        self._valid_host: bytes | None = b""
        self._now = now
        self.phase = REQUEST
        self.since = now

    def feed(self, data: bytes, now: float) -> None:
        """Parses the next bytes.

        Raises:
            Problem: When nothing more can be read from the connection.
        """
        self._now = now
        if self.phase is not REQUEST:
            self._parse(data)
        elif exchange := self._known.find(data, self._reply):
            self.since = exchange.arrived = now
            self._receiver.dispatch(exchange)
        else:
            self._first_piece = data
            self._parse(data)
            self._first_piece = b""

    def _parse(self, data: bytes) -> None:
        self._piece_size = len(data)
        self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self.phase is REQUEST:
                self._reread_without_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserCallbackError:
            # An error of this program and not of the client: the event loop logs it and ends the connection.
            raise
        except httptools.HttpParserError as error:
            if self.phase is not NOTHING:
                raise Problem(400, f"The request is not HTTP/1.1: {error}.") from error
        if self.phase is HEAD:
            check_head_size(self._head_size)

    def _reread_without_upgrade(self, rest: bytes) -> None:
        """Parses a request with an Upgrade header again, without that header.

        A server may ignore Upgrade (RFC 9110, section 7.8), but llhttp takes the body for the new protocol.
        """
        exchange = self._exchange
        headers = (item for item in exchange.headers.items() if item[0] not in (b"upgrade", b"connection"))
        lines = [b"%b %b HTTP/1.1" % (exchange.method, exchange.target), *map(b"%b: %b".__mod__, headers)]
        self._parser = httptools.HttpRequestParser(self)
        self._parse(b"\r\n".join([*lines, b"", rest]))

    def stop(self) -> None:
        """Ignores everything that follows."""
        self._enter(NOTHING)

    def on_message_begin(self) -> None:
        """Begins a request."""
        if self.phase is REQUEST:
            self._exchange = Exchange(self._reply)
            self._head_size = 0
            self._enter(HEAD)

    def on_url(self, url: bytes) -> None:
        """Appends a piece of the request target."""
        self._exchange.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Adds a header; repeated ones become one list (RFC 9110, section 5.3). Ignores trailers (6.5.1)."""
        if self.phase is not HEAD:
            return
        headers = self._exchange.headers
        name = name.lower()
        headers[name] = value if name not in headers else headers[name] + b", " + value

    def on_headers_complete(self) -> None:
        """Checks the head and finds the route, before the body is read."""
        if self.phase is not HEAD:
            return
        exchange = self._exchange
        exchange.method = self._parser.get_method()
        if b"upgrade" in exchange.headers and self._parser.should_upgrade():
            self.phase = REQUEST
            return
        self._enter(BODY)
        self._set_ending(exchange)
        try:
            self._check_head(exchange)
            _set_path(exchange)
            route = self._find_route(exchange.method, exchange.path)
            exchange.route, exchange.handle = route.name, route.handle
            if b"content-length" in exchange.headers:
                # Python refuses to read a number of more than 4,300 digits, and zeros may go first.
                digits = exchange.headers[b"content-length"].lstrip(b"0").strip()
                check_size(int(digits or b"0"), self._max_body)
        except Problem as problem:
            self._refuse(problem)
        else:
            if b"expect" in exchange.headers:
                self._receiver.send_continue()

    def _check_head(self, exchange: Exchange) -> None:
        received = self._piece_size + self._head_size
        headers = exchange.headers
        if received > MAX_HEAD_BYTES:
            sizes = (len(name) + len(value) for name, value in headers.items())
            check_head_size(len(exchange.target) + sum(sizes))
        host = headers.get(b"host")
        if host != self._valid_host:
            check_host(host, self._parser.get_http_version())
            self._valid_host = host
        if b"transfer-encoding" in headers:
            self._check_transfer_encoding(exchange)

    def _check_transfer_encoding(self, exchange: Exchange) -> None:
        encoding = exchange.headers[b"transfer-encoding"]
        if not ends_with_chunked(encoding):
            exchange.ending = CLOSE
            self._enter(NOTHING)
            raise Problem(400, "The last transfer coding must be chunked: the length of the body is unknown.")
        check_transfer_encoding(encoding)

    def on_body(self, chunk: bytes) -> None:
        """Appends a piece of the body."""
        if self._discards or self.phase is not BODY:
            return
        self._size += len(chunk)
        self._chunks.append(chunk)
        try:
            check_size(self._size, self._max_body)
        except Problem as problem:
            self._refuse(problem)

    def on_message_complete(self) -> None:
        """Passes the complete request to the receiver."""
        if self.phase is not BODY:
            return
        exchange, chunks = self._exchange, self._chunks
        self._enter(NOTHING if exchange.closes else REQUEST)
        if self._discards:
            self._discards = False
            return
        exchange.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        if chunks:
            self._chunks = []
            self._size = 0
        exchange.arrived = self._now
        self._known.add(self._first_piece, exchange)
        self._receiver.dispatch(exchange)

    def _set_ending(self, exchange: Exchange) -> None:
        headers = exchange.headers
        if not self._parser.should_keep_alive():
            exchange.ending = CLOSE
        elif b"connection" in headers and self._parser.get_http_version() == "1.0":
            # Transfer-Encoding in HTTP/1.0 is faulty framing: RFC 9112, section 6.1.
            exchange.ending = CLOSE if b"transfer-encoding" in headers else KEEP_ALIVE

    def _refuse(self, problem: Problem) -> None:
        # The response is sent before the body has arrived. The body is still read to its end, because closing
        # a connection with unread bytes would lose the response. After Expect or CONNECT no body follows.
        self._discards = True
        self._chunks = []
        self._size = 0
        exchange = self._exchange
        exchange.arrived = self._now
        if b"expect" in exchange.headers or exchange.method == b"CONNECT":
            exchange.ending = CLOSE
            self._enter(NOTHING)
        self._receiver.reject(exchange, problem)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.since = self._now


def _set_path(exchange: Exchange) -> None:
    target = exchange.target
    if target[:1] != b"/" and (absolute := split_absolute_form(target)):
        # The authority of the target replaces the Host header: RFC 9112, section 3.2.2.
        exchange.headers[b"host"], target = absolute
    exchange.path, _, exchange.query = target.partition(b"?")
