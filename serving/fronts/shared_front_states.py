"""Memory in which each front process publishes its state for the others: Apache calls it a scoreboard."""

import mmap
import struct
import zlib

import msgspec

from serving.http.metric_counts import Counts

MAX_STATE_BYTES = 32 << 10
MAX_REASON = 2_000

_WORDS = 8
_WORD_BYTES = 8
_HEAD = struct.Struct("<II")
_BUFFER_BYTES = _HEAD.size + MAX_STATE_BYTES
_RECORD_BYTES = _WORDS * _WORD_BYTES + 2 * _BUFFER_BYTES
# Words of a record.
_SEQUENCE, _READY, _CLOSED = range(3)


class FrontState(msgspec.Struct, frozen=True):
    """The state of a front, as the other processes of the server see it.

    Attributes:
        reason: Why it is unhealthy; None when it is well.
        ready: Whether it has a worker that takes requests.
        excused: Until when the reason does not count, in seconds of the monotonic clock.
        counts: Its counts; None before the first.
    """

    reason: str | None = None
    ready: bool = False
    excused: float = 0.0
    counts: Counts | None = None


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(FrontState).decode


class SharedFrontStates:
    """A record of each front, in memory that forked processes share.

    A record has one writer, its front; while no process runs in its place, that is the parent. So there is no
    lock: a state is written to one of two buffers in turn, and a reader repeats a read that met a write.
    """

    def __init__(self, size: int) -> None:
        """Creates the records of `size` fronts."""
        self.size = size
        self._memory = mmap.mmap(-1, size * _RECORD_BYTES)
        self._words = memoryview(self._memory).cast("Q")

    def _word(self, front: int, word: int) -> int:
        return front * _RECORD_BYTES // _WORD_BYTES + word

    def publish(self, front: int, state: FrontState) -> None:
        """Replaces the state of a front."""
        if state.reason:
            state = msgspec.structs.replace(state, reason=state.reason[:MAX_REASON])
        content = _encode(state)
        if len(content) > MAX_STATE_BYTES:
            # Only counts of many models can be so large.
            content = _encode(msgspec.structs.replace(state, counts=None))
        sequence = self.sequence(front) + 1
        start = self._buffer(front, sequence)
        _HEAD.pack_into(self._memory, start, len(content), zlib.crc32(content))
        self._memory[start + _HEAD.size : start + _HEAD.size + len(content)] = content
        self._words[self._word(front, _SEQUENCE)] = sequence
        self._words[self._word(front, _READY)] = state.ready

    def read(self, front: int) -> FrontState | None:
        """Returns the state of a front; None before its first."""
        while sequence := self.sequence(front):
            start = self._buffer(front, sequence)
            length, checksum = _HEAD.unpack_from(self._memory, start)
            content = self._memory[start + _HEAD.size : start + _HEAD.size + min(length, MAX_STATE_BYTES)]
            if zlib.crc32(content) == checksum:
                return _decode(content)
        return None

    def _buffer(self, front: int, sequence: int) -> int:
        return front * _RECORD_BYTES + _WORDS * _WORD_BYTES + sequence % 2 * _BUFFER_BYTES

    def sequence(self, front: int) -> int:
        """Returns how many states the front has published."""
        return self._words[self._word(front, _SEQUENCE)]

    def is_ready(self, front: int) -> bool:
        """Whether a front has a worker that takes requests, from its last state."""
        return bool(self._words[self._word(front, _READY)])

    def closed(self, front: int) -> int:
        """Returns how many of its connections have ended."""
        return self._words[self._word(front, _CLOSED)]

    def count_closed(self, front: int) -> None:
        """Adds a connection that has ended."""
        self._words[self._word(front, _CLOSED)] += 1

    def clear_closed(self, front: int) -> None:
        """Resets the number of ended connections, for a new process."""
        self._words[self._word(front, _CLOSED)] = 0
