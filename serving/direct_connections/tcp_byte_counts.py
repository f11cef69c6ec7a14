"""Counts of the bytes that any process has written to a TCP connection and read from it."""

from __future__ import annotations

import fcntl
import socket
import struct
import sys
import termios
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from serving.http.exchange import SharedSocket

_CLOSE_WAIT = 8
# State, bytes_received, notsent_bytes, bytes_sent and bytes_retrans of struct tcp_info in linux/tcp.h.
_TCP_INFO = struct.Struct("=B127xQ8xI52xQQ")
_TRIES = 100


class _TcpInfo(NamedTuple):
    state: int
    received: int
    unsent: int
    sent: int
    sent_again: int


class TcpByteCounts:
    """Counts since its creation. Another process that has the connection may have ended in a system call.

    The kernel keeps them for Linux 4.19 and newer; elsewhere, and for other sockets, they are None.
    """

    def __init__(self, connection: SharedSocket) -> None:
        """Begins to count the bytes of a connection, on which no system call is under way."""
        self._connection = connection
        self._written_before = self._all_written()
        self._read_before = self._all_read()

    def written(self) -> int | None:
        """Returns how many bytes were written, sent or not."""
        return _difference(self._all_written(), self._written_before)

    def read(self) -> int | None:
        """Returns how many bytes were read."""
        return _difference(self._all_read(), self._read_before)

    def _info(self) -> _TcpInfo | None:
        if sys.platform != "linux":
            return None
        try:
            found = self._connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO.size)
        except OSError:
            return None
        return _TcpInfo(*_TCP_INFO.unpack(found)) if len(found) == _TCP_INFO.size else None

    def _all_written(self) -> int | None:
        info = self._info()
        return info.sent - info.sent_again + info.unsent if info else None

    def _all_read(self) -> int | None:
        info = self._info()
        for _ in range(_TRIES):
            if not info:
                break
            unread = _unread(self._connection)
            before, info = info, self._info()
            # Nothing has arrived between the two numbers.
            if info and info.received == before.received:
                # The end of the client's side counts as one.
                return info.received - unread - (info.state == _CLOSE_WAIT)
        return None


def _unread(connection: SharedSocket) -> int:
    """Returns how many bytes have arrived that nobody has read."""
    found: int = struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.FIONREAD, bytes(4)))[0]
    return found


def _difference(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before
