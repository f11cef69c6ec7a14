"""Who connects is let in while there is room, and the door is closed behind the last one."""

import asyncio
import socket
from collections.abc import Callable

PAUSE_SECONDS = 0.05
AT_ONCE = 64


class Acceptor:
    """Accepts the connections of one listening socket.

    asyncio's own server accepts without a limit and closes its socket at once. This one leaves newcomers in
    the kernel's queue while there is no room, or no descriptor, for them; and closing the socket, which
    resets whoever is in that queue, comes after everybody in it was let in.

    Args:
        listener: The listening socket.
        connect: Makes the protocol of the next connection.
        has_room: Whether there is room for one more.
    """

    def __init__(
        self, listener: socket.socket, connect: Callable[[], asyncio.Protocol], has_room: Callable[[], bool]
    ) -> None:
        self._listener = listener
        self._connect = connect
        self._has_room = has_room
        self._loop = asyncio.get_running_loop()
        self._entering: set[asyncio.Task[object]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self._open()

    async def close(self) -> None:
        """Lets in whoever waits, and nobody afterwards."""
        while self._accept():
            pass
        if self._pause:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        if self._entering:
            await asyncio.wait(self._entering)

    def _open(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener, self._accept_some)

    def _accept_some(self) -> None:
        for _ in range(AT_ONCE):
            if not self._has_room():
                self._wait()
                return
            if not self._accept():
                return

    def _wait(self) -> None:
        self._loop.remove_reader(self._listener)
        self._pause = self._loop.call_later(PAUSE_SECONDS, self._open)

    def _accept(self) -> bool:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        except OSError:
            # There is no descriptor left: its turn comes when one is.
            self._wait()
            return False
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._connect, connection))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)
        return True
