"""Connections that the parent process passes to a front, and its order to stop."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from serving.http.listener import StartingConnections
from serving.log import log_event

if TYPE_CHECKING:
    from collections.abc import Callable

# Messages of the parent to a front; a connection has its socket with it.
CONNECTION, STOP = b"c", b"s"
MESSAGES_PER_EVENT = 64


class PassedConnections:
    """The intake of one front of several: messages of the parent. Their end is an order to stop, too."""

    def __init__(self, channel: socket.socket) -> None:
        """Creates the intake; `channel` is this front's end of its socket pair with the parent."""
        self._channel = channel
        self._ended = asyncio.Event()

    def start(
        self,
        connect: Callable[[], asyncio.Protocol],
        has_room: Callable[[], bool],
        stop: Callable[[], None],
    ) -> None:
        """Starts to take connections."""
        # The parent passes no more than there is room for, and it lingers before it passes no more.
        del has_room
        self._connect = connect
        self._stop = stop
        self._starting = StartingConnections(connect)
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._receive_some)

    async def close(self, *, linger: bool) -> None:
        """Takes connections until the parent passes no more."""
        del linger
        await self._ended.wait()
        await self._starting.wait()

    def give_up(self, reason: str) -> None:
        """Sends the reason to the parent."""
        self._channel.send(reason.encode()[: 16 << 10])

    def _receive_some(self) -> None:
        for _ in range(MESSAGES_PER_EVENT):
            if self._ended.is_set() or not self._receive():
                return

    def _receive(self) -> bool:
        try:
            message, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
        except BlockingIOError:
            return False
        if message == CONNECTION:
            self._begin(descriptors)
        elif message == STOP:
            self._stop()
        elif not message:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._ended.set()
            # The order is lost when the channel holds as many connections as it can.
            self._stop()
        return True

    def _begin(self, descriptors: list[int]) -> None:
        if descriptors:
            self._starting.add(socket.socket(fileno=descriptors[0]))
            return
        # The kernel has closed it. It is counted as ended, because the parent has counted it as passed.
        log_event("error", "connection lost", reason="The front has no file descriptor left for it.")
        self._connect().connection_lost(None)
