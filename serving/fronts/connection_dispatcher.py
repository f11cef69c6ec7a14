"""Accepts the connections of a server with several fronts, and passes each to one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.http.listener import ACCEPTS_PER_EVENT
from serving.log import log_event

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Sequence

    from serving.fronts.front_process import FrontProcess
    from serving.fronts.shared_front_states import SharedFrontStates


class ConnectionDispatcher:
    """Passes each new connection to the front with the fewest for each of its workers.

    Attributes:
        fronts: The fronts that run, by their numbers.
    """

    def __init__(
        self, listener: socket.socket, states: SharedFrontStates, *, workers: Sequence[int], room: int
    ) -> None:
        """Creates the dispatcher.

        Args:
            listener: The listening socket.
            states: The states of the fronts.
            workers: Number of workers of each front.
            room: Most connections of a front, those included that it refuses.
        """
        self.fronts: dict[int, FrontProcess] = {}
        self._listener = listener
        self._states = states
        self._workers = workers
        self._room = room
        self._waiting: socket.socket | None = None
        self._is_short = False
        listener.setblocking(False)

    def accept_some(self) -> bool:
        """Passes on waiting connections; returns False when no front has room, to be called again later."""
        for _ in range(ACCEPTS_PER_EVENT):
            candidates = [front for front in self.fronts.values() if self.held(front) < self._room]
            if not candidates:
                return False
            connection = self._next()
            if not connection:
                return not self._is_short
            if not self._pass(connection, candidates):
                return False
        return True

    def drain(self) -> bool:
        """Passes on the waiting connections, with or without room; returns whether none waits any more."""
        while connection := self._next():
            if not self._pass(connection, self.fronts.values()):
                return False
        return not self._is_short

    def sockets(self) -> list[socket.socket]:
        """Returns the sockets of the parent, which a new front must close.

        A connection ends only when every process has closed it.
        """
        channels = [front.channel for front in self.fronts.values()]
        return [self._listener, *channels, *([self._waiting] if self._waiting else [])]

    def _next(self) -> socket.socket | None:
        waiting, self._waiting = self._waiting, None
        if waiting:
            return waiting
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            self._is_short = False
            return None
        except OSError as error:
            # No file descriptor or no memory is left: connections wait.
            if not self._is_short:
                log_event("error", "cannot accept", reason=error.strerror)
            self._is_short = True
            return None
        self._is_short = False
        return connection

    def _pass(self, connection: socket.socket, candidates: Iterable[FrontProcess]) -> bool:
        if any(front.take(connection) for front in sorted(candidates, key=self._rank)):
            connection.close()
            return True
        # Every front is about to receive as many as its channel holds.
        self._waiting = connection
        return False

    def _rank(self, front: FrontProcess) -> tuple[bool, float]:
        """Orders the fronts: those that can answer now first, and then those with few connections."""
        share = (self.held(front) + 1) / self._workers[front.front]
        return front.is_silent or not self._states.is_ready(front.front), share

    def held(self, front: FrontProcess) -> int:
        """Returns how many connections a front has, or is about to receive."""
        return front.passed - self._states.closed(front.front)
