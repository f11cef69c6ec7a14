"""The listening socket, and how it is closed without breaking a connection."""

import ctypes
import socket
import struct
from contextlib import suppress

BACKLOG = 2048

# A packet filter (classic BPF) that drops a TCP packet with SYN and without ACK, the first of a connection.
_DROP_FIRST_PACKETS = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x54, 0, 0, 0x12),  # of which SYN and ACK
    (0x15, 0, 1, 0x02),  # are SYN alone?
    (0x06, 0, 0, 0),  # then drop it,
    (0x06, 0, 0, 0xFFFFFFFF),  # else let it in
)
_SO_ATTACH_FILTER = 26


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one.

    Raises:
        OSError: When the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def admit_no_more(listener: socket.socket) -> None:
    """Lets nobody new connect; whoever has begun to can still be accepted.

    To close a listening socket resets what waits in its queue, and whoever is half-way into it. So this comes
    first, then a moment in which the last ones are accepted. Others try again, and are refused then.
    """
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in _DROP_FIRST_PACKETS)
    kept = ctypes.create_string_buffer(code)
    program = struct.pack("HL", len(_DROP_FIRST_PACKETS), ctypes.addressof(kept))
    # Where it is not allowed, a queue for one keeps nearly everybody out.
    with suppress(OSError):
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    listener.listen(0)
