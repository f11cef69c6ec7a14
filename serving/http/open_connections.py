"""Open connections of clients: their limit, their timeouts, and their end when the server stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bundle import MAX_BODY_BYTES
from serving.http.connection import Connection
from serving.http.exchange import KnownHeads
from serving.http.response import date_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.metrics import AccessLog
    from serving.http.route import Route

# Connections beyond the limit that may be open for a moment, to receive their 503.
MAX_REFUSED = 32


class Clients:
    """The open connections, and the state that they share.

    Attributes:
        find_route: Returns the route of a method and a path, or raises a Problem.
        known_heads: Heads of requests that were parsed before, on any connection.
        access_log: Records responses.
        clock: The monotonic clock, in seconds.
        date: The Date header line, at most a second old.
        stopping: Whether every response closes its connection from now on.
        max_body: Largest body of a request, in bytes.
    """

    def __init__(
        self,
        find_route: Callable[[bytes, bytes], Route],
        access_log: AccessLog,
        *,
        limit: int,
        clock: Callable[[], float],
        max_body: int = MAX_BODY_BYTES,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        """Creates the collection; it has room for `limit` connections, and calls `closed` after each."""
        self.find_route = find_route
        self.known_heads = KnownHeads()
        self.access_log = access_log
        self.clock = clock
        self.date = date_line()
        self.stopping = False
        self.max_body = max_body
        self._limit = limit
        self._closed = closed
        self._open: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._open)

    def has_room(self) -> bool:
        """Whether one more connection may be accepted, if only to be refused with 503."""
        return len(self._open) < self._limit + MAX_REFUSED

    def connect(self) -> Connection:
        """Returns the protocol of the next connection."""
        return Connection(self)

    def add(self, connection: Connection) -> bool:
        """Adds an open connection; returns whether it is within the limit."""
        self._open.add(connection)
        return len(self._open) <= self._limit

    def remove(self, connection: Connection) -> None:
        """Removes a closed connection."""
        self._open.discard(connection)
        self._closed()

    def sweep(self) -> None:
        """Ends the connections whose timeouts have passed; to be called every second."""
        self.date = date_line()
        now = self.clock()
        for connection in tuple(self._open):
            connection.sweep(now)

    def finish(self) -> bool:
        """Closes the connections without a request under way; returns whether none is left."""
        now = self.clock()
        for connection in tuple(self._open):
            connection.close_if_quiet(now)
        return not self._open
