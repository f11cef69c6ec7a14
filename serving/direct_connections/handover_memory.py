"""Memory that the front and one worker share: how far the worker is with a direct connection."""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from tempfile import TemporaryFile
from time import monotonic
from typing import TYPE_CHECKING

import msgspec

from serving.http.response import ResponseRecord

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

# Stages of the worker. Whatever happens to it, the front knows what became of the request:
WAITING = 0  # There is none.
RECEIVING = 1  # Its bytes may be in the kernel or in this memory, or lost with the worker.
RECEIVED = 2  # Its bytes are in this memory, and were not looked at.
ANSWERING = 3  # They are one request, which the model has.
SENDING = 4  # It is answered and recorded; the client may have the response, a part of it, or nothing.
UNSENT = 5  # This memory has the bytes of the response that the worker could not send.

_STAGE, _LENGTH, _WRITTEN, _READ = range(4)
_ARRIVED = 4
_WORDS = 8
_WORD_BYTES = 8
# A tenth of a second's requests, for the front reads them ten times a second.
MAX_RECORDS = 1_024
# Room for every kind of warning.
_RECORD_BYTES = 256
_RECORD_HEAD = struct.Struct("II")
_RECORDS = _WORDS * _WORD_BYTES
_BUFFER = _RECORDS + MAX_RECORDS * _RECORD_BYTES
MAX_DIRECT_BYTES = 64 << 10
_SIZE = _BUFFER + MAX_DIRECT_BYTES

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ResponseRecord).decode


class HandoverMemory:
    """The stage of a worker, the bytes of its request, and records of its responses.

    It outlives the worker, so that nothing is lost with it. The worker writes and the front reads; there is
    no lock. What the worker leaves in it is there when the front hears of the end of a handover, because both
    were in the kernel between. Records are read earlier, and so each has a checksum.
    """

    def __init__(self, descriptor: int) -> None:
        """Maps the memory of a descriptor, which may be closed then."""
        self._memory = mmap.mmap(descriptor, _SIZE)
        view = memoryview(self._memory)
        self._words = view[:_RECORDS].cast("Q")
        self._times = view[:_RECORDS].cast("d")
        self._buffer = view[_BUFFER:]

    @staticmethod
    def create() -> int:
        """Returns the descriptor of new memory.

        Raises:
            OSError: When the kernel has no memory or no descriptor for it.
        """
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("handover")
        else:
            # Only Linux has files that are memory; elsewhere it is a file without a name.
            with TemporaryFile() as file:
                descriptor = os.dup(file.fileno())
        os.ftruncate(descriptor, _SIZE)
        return descriptor

    @property
    def stage(self) -> int:
        """Stage of the request that the worker has, WAITING without one."""
        return self._words[_STAGE]

    @property
    def arrived(self) -> float:
        """When the last request arrived, in seconds of the monotonic clock."""
        return self._times[_ARRIVED]

    @property
    def written(self) -> int:
        """Number of records that were ever written."""
        return self._words[_WRITTEN]

    @property
    def is_full(self) -> bool:
        """Whether all places for records are taken; the front frees them when it reads."""
        return self._words[_WRITTEN] - self._words[_READ] >= MAX_RECORDS

    def content(self) -> bytes:
        """Returns the bytes of the request, or those of the response in stage UNSENT."""
        return bytes(self._buffer[: self._words[_LENGTH]])

    def enter(self, stage: int) -> None:
        """Enters a stage."""
        self._words[_STAGE] = stage

    def receive(self, connection: socket.socket) -> bytes:
        """Receives what has arrived on a connection, at most 64 KB; empty when the client closed it.

        Raises:
            OSError: When nothing has arrived, or the connection is lost.
        """
        self.enter(RECEIVING)
        try:
            size = connection.recv_into(self._buffer)
        except OSError:
            self.enter(WAITING)
            raise
        self._times[_ARRIVED] = monotonic()
        self._words[_LENGTH] = size
        self.enter(RECEIVED)
        return bytes(self._buffer[:size])

    def leave(self, unsent: bytes) -> None:
        """Leaves what the worker could not send, at most 64 KB, to the front."""
        self._buffer[: len(unsent)] = unsent
        self._words[_LENGTH] = len(unsent)
        self.enter(UNSENT)

    def write(self, record: ResponseRecord) -> None:
        """Writes the record of a response, for which there must be room."""
        content = _encode(record)
        number = self._words[_WRITTEN]
        start = _RECORDS + number % MAX_RECORDS * _RECORD_BYTES
        self._memory[start : start + _RECORD_HEAD.size + len(content)] = (
            _RECORD_HEAD.pack(len(content), zlib.crc32(content)) + content
        )
        self._words[_WRITTEN] = number + 1

    def read(self) -> Iterator[ResponseRecord]:
        """Yields the records that were not read before."""
        while (number := self._words[_READ]) < self._words[_WRITTEN]:
            start = _RECORDS + number % MAX_RECORDS * _RECORD_BYTES
            length, checksum = _RECORD_HEAD.unpack_from(self._memory, start)
            start += _RECORD_HEAD.size
            content = self._memory[start : start + min(length, _RECORD_BYTES)]
            if zlib.crc32(content) != checksum:
                # The processor has shown the number before the record: it is there the next time.
                return
            self._words[_READ] = number + 1
            yield _decode(content)
