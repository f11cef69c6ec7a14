"""Protocol between the front and its workers: commands, replies and their framing.

A frame is a length, four bytes little-endian, and that many bytes of MessagePack. The front sends a command
and the worker one reply; the next command follows only after that reply.
"""

import os

import msgspec

from serving.http.response import Response
from serving.predict.request import InferenceRequest

_LENGTH_BYTES = 4
_BUFFER_BYTES = 1 << 18


class Infer(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Command: answer these requests."""

    requests: list[InferenceRequest]


class SelfTest(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Command: predict the golden rows of every model and compare."""


class LoadModel(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Command: load a model, and predict its golden rows.

    Attributes:
        name: Name by which requests will name it.
        path: Folder of its unpacked bundle.
        transform: Whether its requests are those of a batch transform job.
    """

    name: str
    path: str
    transform: bool = False


class UnloadModel(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Command: unload model `name`."""

    name: str


class Inferred(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Reply to Infer: the responses, in the order of the requests."""

    responses: list[Response]


class SelfTested(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Reply to SelfTest.

    Attributes:
        failure: The fault, in a sentence; None when the test passed.
        resident: Resident memory of the worker, in bytes.
    """

    failure: str | None
    resident: int


class ModelLoaded(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Reply to LoadModel: the model is loaded.

    Attributes:
        name: Name in its manifest.
        version: Version of its bundle.
        identity: Name and version as the JSON object that every response has.
        resident: Resident memory of the worker, in bytes.
    """

    name: str
    version: str
    identity: bytes
    resident: int


class ModelRefused(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Reply to LoadModel: the model cannot be served; `reason` is a sentence."""

    reason: str


class ModelUnloaded(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Reply to UnloadModel. `resident` is the resident memory of the worker, in bytes."""

    resident: int


WorkerCommand = Infer | SelfTest | LoadModel | UnloadModel
WorkerReply = Inferred | SelfTested | ModelLoaded | ModelRefused | ModelUnloaded

_encode = msgspec.msgpack.Encoder().encode
_commands: msgspec.msgpack.Decoder[WorkerCommand] = msgspec.msgpack.Decoder(WorkerCommand)
_replies: msgspec.msgpack.Decoder[WorkerReply] = msgspec.msgpack.Decoder(WorkerReply)

decode_command = _commands.decode
decode_reply = _replies.decode


def encode_frame(message: WorkerCommand | WorkerReply) -> bytes:
    """Returns the frame of a message."""
    content = _encode(message)
    return len(content).to_bytes(_LENGTH_BYTES, "little") + content


class FrameReader:
    """Assembles frames from the pieces that a stream delivers."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> bytes | memoryview | None:
        """Returns the content of the frame that `data` completes; None while it is incomplete.

        The protocol has one frame under way at a time, so no bytes follow a complete frame.
        """
        if not self._buffer and _is_complete(data):
            return memoryview(data)[_LENGTH_BYTES:]
        self._buffer += data
        if not _is_complete(self._buffer):
            return None
        content = bytes(self._buffer[_LENGTH_BYTES:])
        self._buffer.clear()
        return content


class FramePipes:
    """Receives and sends frames on two blocking pipes, for a worker process."""

    def __init__(self, commands: int, replies: int) -> None:
        """Takes the descriptors of the pipes of commands, to read, and of replies, to write."""
        self._commands = commands
        self._replies = replies
        self._buffer = bytearray(_BUFFER_BYTES)

    def receive(self) -> memoryview | None:
        """Returns the content of the next frame, valid until the next call; None when the peer closed."""
        end, size = _LENGTH_BYTES, 0
        while size < end:
            received = os.readv(self._commands, (memoryview(self._buffer)[size:],))
            if not received:
                return None
            size += received
            if size >= _LENGTH_BYTES:
                end = _LENGTH_BYTES + int.from_bytes(self._buffer[:_LENGTH_BYTES], "little")
                self._reserve(end)
        return memoryview(self._buffer)[_LENGTH_BYTES:end]

    def _reserve(self, size: int) -> None:
        if size > len(self._buffer):
            self._buffer = self._buffer.ljust(size, b"\0")

    def send(self, message: WorkerCommand | WorkerReply) -> None:
        """Sends a message whole."""
        frame = memoryview(encode_frame(message))
        while frame:
            frame = frame[os.write(self._replies, frame) :]


def _is_complete(data: bytes | bytearray) -> bool:
    return len(data) >= _LENGTH_BYTES and len(data) == _LENGTH_BYTES + int.from_bytes(
        data[:_LENGTH_BYTES], "little"
    )
