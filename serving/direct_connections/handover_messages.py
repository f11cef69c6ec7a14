"""Messages between a front and a worker about direct connections, over a socket pair."""

import socket
import sys

import msgspec

from serving.direct_connections.repeated_request_head import RepeatedRequestHead

# A head that was parsed before has at most a kilobyte.
_MAX_BYTES = 4 << 10


class HandOver(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """The front's message: answer the connection that comes with it, until its requests have another head.

    Attributes:
        slot: Number of its slot in the shared memory.
        head: The head of its requests.
    """

    slot: int
    head: RepeatedRequestHead


class Recall(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """The front's message: return the connection of a slot."""

    slot: int


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(HandOver | Recall).decode


def message_sockets() -> tuple[socket.socket, socket.socket]:
    """Returns the ends of the front and of the worker.

    Raises:
        OSError: When no descriptor is left.
    """
    # macOS has no sequenced packets; without them a front does not hear of the worker's end here.
    kind = socket.SOCK_SEQPACKET if sys.platform == "linux" else socket.SOCK_DGRAM
    return socket.socketpair(socket.AF_UNIX, kind)


def send_handover(front: socket.socket, message: HandOver, descriptor: int) -> None:
    """Sends a connection to the worker.

    Raises:
        OSError: When the worker has ended, or has not read earlier messages.
    """
    socket.send_fds(front, [_encode(message)], [descriptor])


def send_recall(front: socket.socket, slot: int) -> None:
    """Asks the worker for the connection of a slot.

    Raises:
        OSError: When the worker has ended, or has not read earlier messages.
    """
    front.send(_encode(Recall(slot)))


def receive_message(worker: socket.socket) -> tuple[HandOver | Recall | None, list[int]]:
    """Receives the front's next message, None when it has ended, and the descriptors that came with it."""
    content, descriptors, _, _ = socket.recv_fds(worker, _MAX_BYTES, 1)
    return _decode(content) if content else None, descriptors


def send_return(worker: socket.socket, slot: int) -> None:
    """Returns the connection of a slot to the front."""
    worker.send(slot.to_bytes(2, "little"))


def receive_return(front: socket.socket) -> int | None:
    """Returns the slot of the next connection that the worker returns; None when the worker has ended.

    Raises:
        BlockingIOError: When there is none.
    """
    try:
        content = front.recv(2)
    except BlockingIOError:
        raise
    except OSError:
        return None
    return int.from_bytes(content, "little") if content else None
