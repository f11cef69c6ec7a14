"""Objects that a front process needs from outside: its connections, and the state of other fronts."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Protocol

from serving.http.listener import Acceptor, drop_new_connections
from serving.log import log_event

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from serving.http.metric_counts import Counts

TICK_SECONDS = 0.1
LINGER_SECONDS = 1.0
DRAIN_SECONDS = 0.05


class Intake(Protocol):
    """The source of a front's connections, and of the order to stop."""

    def start(
        self, connect: Callable[[], asyncio.Protocol], has_room: Callable[[], bool], stop: Callable[[], None]
    ) -> None:
        """Starts to take connections.

        Args:
            connect: Returns the protocol of the next connection.
            has_room: Whether one more connection may be accepted.
            stop: Called when the server is told to stop.
        """

    async def close(self, *, linger: bool) -> None:
        """Takes the connections that clients have opened until now, then no more.

        Args:
            linger: Whether load balancers get time to see the 503 of /ping before.
        """

    def give_up(self, reason: str) -> None:
        """Reports why the model cannot be served."""


class Peers(Protocol):
    """The other front processes of the server."""

    def publish(self, reason: str | None, count: Callable[[], Counts], *, ready: bool) -> None:
        """Publishes the state of this front; called ten times a second.

        Args:
            reason: Why it is unhealthy; None when it is well.
            count: Returns its counts.
            ready: Whether it has a worker that takes requests.
        """

    def unhealthy_reason(self) -> str | None:
        """Returns why another front is unhealthy; None when all others are well."""

    def counts(self) -> list[Counts]:
        """Returns the counts of the other fronts."""

    def count_closed(self) -> None:
        """Records that a connection has ended."""


class ListenerIntake:
    """The intake of a server with one front: its own listening socket, and the signals."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    def start(
        self, connect: Callable[[], asyncio.Protocol], has_room: Callable[[], bool], stop: Callable[[], None]
    ) -> None:
        """Starts to accept; SIGTERM and SIGINT stop the server."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop)
        self._acceptor = Acceptor(self._listener, connect, has_room)

    async def close(self, *, linger: bool) -> None:
        """Drops new connections, drains the backlog, and closes the listener."""
        if linger:
            await asyncio.sleep(LINGER_SECONDS)
        drop_new_connections(self._listener)
        await asyncio.sleep(DRAIN_SECONDS)
        await self._acceptor.close()

    def give_up(self, reason: str) -> None:
        """Logs the reason."""
        log_event("critical", "model cannot be served", reason=reason)


class NoPeers:
    """The peers of a server with one front."""

    def publish(self, reason: str | None, count: Callable[[], Counts], *, ready: bool) -> None:
        """Does nothing."""

    def unhealthy_reason(self) -> str | None:
        """Returns None."""
        return None

    def counts(self) -> list[Counts]:
        """Returns an empty list."""
        return []

    def count_closed(self) -> None:
        """Does nothing."""
