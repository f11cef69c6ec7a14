"""Listening socket: opens it, accepts connections up to a limit, and closes it without resetting any."""

import asyncio
import ctypes
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from serving.log import log_event

BACKLOG = 2048
PAUSE_SECONDS = 0.05
ACCEPTS_PER_EVENT = 64

# A packet filter (classic BPF) that drops a TCP packet with SYN and without ACK, the first of a connection.
_DROP_FIRST_PACKETS = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x54, 0, 0, 0x12),  # keep its SYN and ACK bits
    (0x15, 0, 1, 0x02),  # if SYN alone is set
    (0x06, 0, 0, 0),  # then drop the packet
    (0x06, 0, 0, 0xFFFFFFFF),  # else accept it
)
_SO_ATTACH_FILTER = 26


def open_listener(host: str, port: int) -> socket.socket:
    """Returns a listening socket; port 0 takes any free port.

    Raises:
        OSError: When the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def drop_new_connections(listener: socket.socket) -> None:
    """Makes the kernel drop new connection attempts; those in the backlog can still be accepted.

    Closing a listening socket resets the connections in its backlog and in their handshake. So call this
    first, and `Acceptor.close` a moment later. Dropped clients retry their SYN and are refused then.
    """
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _DROP_FIRST_PACKETS)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("HL", len(_DROP_FIRST_PACKETS), ctypes.addressof(buffer))
    # Where a filter is not permitted, a backlog of one keeps out nearly every new connection.
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    listener.listen(0)


class StartingConnections:
    """Accepted connections whose protocols the event loop is about to start."""

    def __init__(self, connect: Callable[[], asyncio.Protocol]) -> None:
        """Creates the collection; `connect` returns the protocol of the next connection."""
        self._connect = connect
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[object]] = set()

    def add(self, connection: socket.socket) -> None:
        """Starts the protocol of an accepted connection."""
        task = self._loop.create_task(self._loop.connect_accepted_socket(self._connect, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self) -> None:
        """Waits until all of them have started."""
        if self._tasks:
            await asyncio.wait(self._tasks)


class Acceptor:
    """Accepts connections while there is room; drains the backlog before it closes the listener.

    asyncio's own server has no limit of connections and closes its socket at once. This one leaves new
    connections in the kernel's backlog while there is no room, or no file descriptor, for them.
    """

    def __init__(
        self, listener: socket.socket, connect: Callable[[], asyncio.Protocol], has_room: Callable[[], bool]
    ) -> None:
        """Starts to accept.

        Args:
            listener: The listening socket.
            connect: Returns the protocol of the next connection.
            has_room: Whether one more connection may be accepted.
        """
        self._listener = listener
        self._starting = StartingConnections(connect)
        self._has_room = has_room
        self._loop = asyncio.get_running_loop()
        self._pause: asyncio.TimerHandle | None = None
        self._is_short = False
        listener.setblocking(False)
        self._resume()

    async def close(self) -> None:
        """Accepts every connection in the backlog, then closes the listener."""
        while self._accept():
            pass
        if self._pause:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        await self._starting.wait()

    def _resume(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listener, self._accept_some)

    def _accept_some(self) -> None:
        for _ in range(ACCEPTS_PER_EVENT):
            if not self._has_room():
                self._wait()
                return
            if not self._accept():
                return

    def _wait(self) -> None:
        self._loop.remove_reader(self._listener)
        if not self._pause:
            self._pause = self._loop.call_later(PAUSE_SECONDS, self._resume)

    def _accept(self) -> bool:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return False
        except OSError as error:
            # No file descriptor or no memory is left: tries again after a pause.
            if not self._is_short:
                log_event("error", "cannot accept", reason=error.strerror)
            self._is_short = True
            self._wait()
            return False
        self._is_short = False
        self._starting.add(connection)
        return True
