"""Exchange: one HTTP request and its rendered response; and the heads that were parsed for earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from serving.http.response import CLOSE, STATUS_LINES, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.response import Response, ResponseRecord
    from serving.predict.request import InferenceRequest
    from serving.problem import Problem


_HEAD_END = b"\r\n\r\n"
MAX_KNOWN_HEADS = 512
MAX_KNOWN_BYTES = 1_024
# Headers that ask for more than a response to the body.
_SPECIAL_HEADERS = frozenset({b"expect", b"transfer-encoding", b"upgrade"})


class SharedSocket(Protocol):
    """A socket, or asyncio's object in its place."""

    def fileno(self) -> int:
        """Returns its descriptor."""

    def getsockopt(self, level: int, option: int, size: int, /) -> bytes:
        """Returns the bytes of an option."""


class SharedConnection(Protocol):
    """A connection that can be handed over to a worker; serving.http.connection has it.

    Attributes:
        repeated: Number of its requests in a row that were answered and had a head that was parsed before.
    """

    repeated: int

    def reply(self, exchange: Exchange, response: Response) -> None:
        """Sends the response to a request."""

    def hand_over(self) -> SharedSocket | None:
        """Stops to read, so that another process can; returns the socket, None while it is in use."""

    def take_back(
        self,
        *,
        received: bytes = b"",
        unsent: bytes = b"",
        pending: Exchange | None = None,
        is_broken: bool = False,
    ) -> None:
        """Reads again; the arguments are the state that the other process has left."""

    def record(self, route: str, record: ResponseRecord) -> None:
        """Records a response that the other process has sent, to a request of a route."""


class Exchange:
    """One HTTP request and its response.

    Attributes:
        target: The request target as sent.
        path: Path of the target, without the query.
        query: Query of the target; empty when it has none.
        method: HTTP method.
        head: All bytes before the body, when they are those of an earlier request; empty otherwise.
        headers: Headers by lower-case name.
        body: The body, once it is complete.
        route: Name of its route; "none" while that is unknown.
        handle: The handler of its route.
        inference: The prediction that the workers are to make, on a route that predicts.
        arrived: When the request was complete, in seconds of the monotonic clock.
        expires: When its deadline passes, on the same clock.
        crashes: How many workers ended while they had it.
        crashed: When the last of them did, on the same clock.
        response: The rendered response; None until there is one.
        ending: The Connection header line of the response; empty for the default of HTTP/1.1.
        connection: Its connection, once it is complete.
        gone: Whether the client closed the connection.
    """

    target = path = query = method = head = body = ending = b""
    route = "none"
    handle: Callable[[Exchange], None] | None = None
    inference: InferenceRequest | None = None
    response: bytes | None = None
    connection: SharedConnection | None = None
    arrived = expires = crashed = 0.0
    crashes = 0
    gone = False

    def __init__(self, reply: Callable[[Exchange, Response], None]) -> None:
        """Creates an exchange; `reply` renders its response and writes it to the client."""
        self.headers: dict[bytes, bytes] = {}
        self._reply = reply

    def with_same_head(self, reply: Callable[[Exchange, Response], None]) -> Exchange:
        """Returns an exchange with the properties of this one's head, and without its body."""
        exchange = Exchange(reply)
        exchange.target = self.target
        exchange.path = self.path
        exchange.query = self.query
        exchange.method = self.method
        exchange.head = self.head
        exchange.headers = self.headers
        exchange.route = self.route
        exchange.handle = self.handle
        return exchange

    @property
    def closes(self) -> bool:
        """Whether the connection is closed after the response."""
        return self.ending is CLOSE

    def respond(self, response: Response) -> None:
        """Sends the response, unless one was sent already or the client is gone."""
        if self.response is None and not self.gone:
            self._reply(self, response)

    def refuse(self, problem: Problem) -> None:
        """Sends a problem document as the response, under the same conditions."""
        self.respond(problem_response(problem))


def render(response: Response, date: bytes, *, ending: bytes = b"", is_head: bool = False) -> bytes:
    """Returns a response as it is sent.

    Args:
        response: The response.
        date: The Date header line.
        ending: The Connection header line; empty for the default of HTTP/1.1.
        is_head: Whether it answers HEAD, and so is sent without its body.
    """
    return b"%b%b%b%bcontent-length: %d\r\n\r\n%b" % (
        STATUS_LINES[response.status],
        response.head,
        date,
        ending,
        len(response.body),
        b"" if is_head else response.body,
    )


class KnownHeads:
    """Heads that were parsed and accepted: a request with the same head, byte by byte, is not parsed again.

    Most clients repeat one head, of which only Content-Length differs. A head is known only if it and its
    body arrived as one piece and the connection stays open after the response.
    """

    def __init__(self) -> None:
        self._heads: dict[bytes, tuple[int, Exchange]] = {}

    def find(self, data: bytes, reply: Callable[[Exchange, Response], None]) -> Exchange | None:
        """Returns the request that `data` is; None unless it is one whole request with a known head."""
        end = _end_of_head(data)
        known = self._heads.get(data[:end])
        if known is None or len(data) != known[0]:
            return None
        exchange = known[1].with_same_head(reply)
        exchange.body = data[end:]
        return exchange

    def add(self, data: bytes, exchange: Exchange) -> None:
        """Adds the head of a request that was dispatched; `data` is the piece that completed it."""
        end = _end_of_head(data)
        is_whole = end >= len(_HEAD_END) and len(data) == end + len(exchange.body)
        if not is_whole or exchange.ending or not _SPECIAL_HEADERS.isdisjoint(exchange.headers):
            return
        if len(self._heads) >= MAX_KNOWN_HEADS:
            self._heads.clear()
        # Without its reply, which would keep the connection.
        known = exchange.with_same_head(_unanswered)
        known.head = data[:end]
        self._heads[known.head] = (len(data), known)


def _unanswered(exchange: Exchange, response: Response) -> None:
    """Stands for the reply of an exchange that only keeps a head."""


def _end_of_head(data: bytes) -> int:
    return data.find(_HEAD_END, 0, MAX_KNOWN_BYTES) + len(_HEAD_END)
