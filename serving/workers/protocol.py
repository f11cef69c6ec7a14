"""What the front and its workers say to each other, and how it lies on the wire.

A frame is its length, four bytes little-endian, and that many bytes of MessagePack. The front orders, the
worker replies, one frame at a time.
"""

import socket

import msgspec

from serving.predict.request import RequestMetadata

_LENGTH = 4
_ROOM = 1 << 18


class Question(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One request for predictions, as far as a model is concerned.

    Attributes:
        model: Name under which the model was loaded.
        body: The request's body.
        terms: What the request says beside its body.
    """

    model: str
    body: bytes
    terms: RequestMetadata


class Answer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The response to a question.

    Attributes:
        status: HTTP status.
        head: Header lines, each with its line end.
        body: The response's body.
        rows: How many predictions it holds.
    """

    status: int
    head: bytes
    body: bytes
    rows: int = 0


class Ask(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Answer these."""

    questions: list[Question]


class Check(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Answer the golden rows of every model."""


class Load(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Load a model.

    Attributes:
        name: What it is asked for by.
        path: Folder of its unpacked bundle.
        prove: Whether one that answers its golden rows wrong is refused.
    """

    name: str
    path: str
    prove: bool


class Unload(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Forget model `name`."""

    name: str


class Answers(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """The answers to an Ask, in the order of its questions."""

    answers: list[Answer]


class Checked(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """How the golden rows were answered.

    Attributes:
        trouble: What is wrong, in a sentence; None when nothing is.
        resident: Memory of the worker, in bytes.
    """

    trouble: str | None
    resident: int


class Loaded(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """The model is there.

    Attributes:
        version: Version of its bundle.
        identity: Its name and version as JSON, as every answer tells them.
        resident: Memory of the worker, in bytes.
    """

    name: str
    version: str
    identity: bytes
    resident: int


class Refused(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """The model cannot be served, and why, in a sentence."""

    reason: str


class Unloaded(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """The model is gone. `resident` is the memory of the worker, in bytes."""

    resident: int


Order = Ask | Check | Load | Unload
Reply = Answers | Checked | Loaded | Refused | Unloaded

_encode = msgspec.msgpack.Encoder().encode
_orders: msgspec.msgpack.Decoder[Order] = msgspec.msgpack.Decoder(Order)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)

read_order = _orders.decode
read_reply = _replies.decode


def pack(message: Order | Reply) -> bytes:
    """The frame of a message."""
    content = _encode(message)
    return len(content).to_bytes(_LENGTH, "little") + content


class FrameReader:
    """Frames out of a stream of bytes that arrives in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> bytes | memoryview | None:
        """The content of the frame that `data` completes; None while there is none.

        No frame is sent before the one ahead of it was answered, so nothing ever follows it.
        """
        if not self._buffer and _is_whole(data):
            return memoryview(data)[_LENGTH:]
        self._buffer += data
        if not _is_whole(self._buffer):
            return None
        content = bytes(self._buffer[_LENGTH:])
        self._buffer.clear()
        return content


class FrameSocket:
    """Frames on a blocking socket, for a process that does nothing else meanwhile."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray(_ROOM)

    def receive(self) -> memoryview | None:
        """The content of the next frame, valid until the next call; None when the other side is gone."""
        end, size = _LENGTH, 0
        while size < end:
            received = self._socket.recv_into(memoryview(self._buffer)[size:])
            if not received:
                return None
            size += received
            if size >= _LENGTH:
                end = _LENGTH + int.from_bytes(self._buffer[:_LENGTH], "little")
                self._make_room(end)
        return memoryview(self._buffer)[_LENGTH:end]

    def _make_room(self, size: int) -> None:
        if size > len(self._buffer):
            self._buffer = self._buffer.ljust(size, b"\0")

    def send(self, message: Order | Reply) -> None:
        """Sends a message whole."""
        self._socket.sendall(pack(message))


def _is_whole(data: bytes | bytearray) -> bool:
    return len(data) >= _LENGTH and len(data) == _LENGTH + int.from_bytes(data[:_LENGTH], "little")
