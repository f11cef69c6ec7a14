"""Slot of one direct connection in shared memory: how far its worker is with a request."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

# Stages of a worker. Whatever happens to it, the front knows what became of the request:
WAITING = 0  # There is none.
RECEIVING = 1  # Its bytes may be in the kernel or in this memory, or lost with the worker.
RECEIVED = 2  # Its bytes are in this memory, and were not looked at.
ANSWERING = 3  # They are one request, which the model has.
SENDING = 4  # It is answered and recorded; the client may have the response, a part of it, or nothing.
UNSENT = 5  # This memory has the bytes of the response that the worker could not send.

_STAGE, _LENGTH, _ARRIVED = range(3)
_WORDS_BYTES = 64
MAX_DIRECT_BYTES = 64 << 10
SLOT_BYTES = _WORDS_BYTES + MAX_DIRECT_BYTES


class HandoverSlot:
    """The stage of a worker with one connection, and the bytes of its request or response.

    The worker writes and the front reads; there is no lock. What the worker leaves is there when the front
    hears of the end of the handover, because both were in the kernel between.
    """

    def __init__(self, view: memoryview) -> None:
        """Takes SLOT_BYTES of shared memory, which were 0 when they were new."""
        self._words = view[:_WORDS_BYTES].cast("Q")
        self._times = view[:_WORDS_BYTES].cast("d")
        self._buffer = view[_WORDS_BYTES:]

    @property
    def stage(self) -> int:
        """Stage of the request that the worker has, WAITING without one."""
        return self._words[_STAGE]

    @property
    def arrived(self) -> float:
        """When the last request arrived, in seconds of the monotonic clock."""
        return self._times[_ARRIVED]

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
        words = self._words
        words[_STAGE] = RECEIVING
        try:
            size = connection.recv_into(self._buffer)
        except OSError:
            words[_STAGE] = WAITING
            raise
        self._times[_ARRIVED] = monotonic()
        words[_LENGTH] = size
        words[_STAGE] = RECEIVED
        return bytes(self._buffer[:size])

    def leave(self, unsent: bytes) -> None:
        """Leaves what the worker could not send, at most 64 KB, to the front."""
        self._buffer[: len(unsent)] = unsent
        self._words[_LENGTH] = len(unsent)
        self.enter(UNSENT)
