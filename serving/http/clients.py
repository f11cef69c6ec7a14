"""Everybody who is connected: how many may be, and how long they may take."""

from collections.abc import Callable
from email.utils import formatdate

from serving.http.access_log import Journal
from serving.http.connection import Connection
from serving.routes import Routes

# Those who are told that there are too many connections each take one for a moment.
MOST_REFUSED = 32


class Clients:
    """The open connections.

    Attributes:
        routes: What answers whom.
        journal: Where answers are counted.
        clock: The monotonic clock.
        date: The Date header line, a second old at most.
        stopping: Whether every answer ends its connection from now on.
    """

    def __init__(self, routes: Routes, journal: Journal, *, limit: int, clock: Callable[[], float]) -> None:
        self.routes = routes
        self.journal = journal
        self.clock = clock
        self.date = _date()
        self.stopping = False
        self._limit = limit
        self._open: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._open)

    def has_room(self) -> bool:
        """Whether one more may connect, be it to be refused."""
        return len(self._open) < self._limit + MOST_REFUSED

    def connect(self) -> Connection:
        """The next connection."""
        return Connection(self)

    def add(self, connection: Connection) -> bool:
        """Takes a connection in; False when there are as many as there may be."""
        self._open.add(connection)
        return len(self._open) <= self._limit

    def remove(self, connection: Connection) -> None:
        """Forgets a connection that is closed."""
        self._open.discard(connection)

    def sweep(self) -> None:
        """Ends the connections that take too long; to be called every second."""
        self.date = _date()
        now = self.clock()
        for connection in tuple(self._open):
            connection.sweep(now)

    def finish(self) -> bool:
        """Ends the connections that wait for nothing; returns whether none is left."""
        now = self.clock()
        for connection in tuple(self._open):
            connection.end_if_quiet(now)
        return not self._open


def _date() -> bytes:
    return f"date: {formatdate(usegmt=True)}\r\n".encode()
