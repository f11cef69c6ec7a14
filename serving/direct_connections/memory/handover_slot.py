"""Slot of a direct connection in shared memory: how far its worker is with a request, and its bytes."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

# Stages of a worker. Whatever happens to it, the front knows what became of the request:
WAITING = 0  # There is none.
RECEIVING = 1  # Its bytes are in the kernel or in this memory: the kernel knows where.
RECEIVED = 2  # Its bytes are in this memory, and were not looked at.
ANSWERING = 3  # They are one request, which the model has.
SENDING = 4  # Its response is recorded and in this memory: the kernel knows how much of it was sent.
UNSENT = 5  # The worker could not send a part of the response.

_STAGE, _REQUEST, _ARRIVED, _RESPONSE, _SENT, _ALL_READ, _ALL_SENT = range(7)
_WORDS_BYTES = 64
MAX_DIRECT_BYTES = 64 << 10
SLOT_BYTES = _WORDS_BYTES + 2 * MAX_DIRECT_BYTES


class HandoverSlot:
    """The stage of a worker with one connection, the request that it has received, and the response.

    The worker writes and the front reads; there is no lock. What the worker leaves is there when the front
    hears of the end of the handover, because both were in the kernel between.
    """

    def __init__(self, view: memoryview) -> None:
        """Takes SLOT_BYTES of shared memory, which were 0 when they were new."""
        self._words = view[:_WORDS_BYTES].cast("Q")
        self._times = view[:_WORDS_BYTES].cast("d")
        self._request = view[_WORDS_BYTES : _WORDS_BYTES + MAX_DIRECT_BYTES]
        self._response = view[_WORDS_BYTES + MAX_DIRECT_BYTES :]

    @property
    def stage(self) -> int:
        """Stage of the request that the worker has, WAITING without one."""
        return self._words[_STAGE]

    @property
    def arrived(self) -> float:
        """When the last request arrived, in seconds of the monotonic clock."""
        return self._times[_ARRIVED]

    @property
    def all_read(self) -> int:
        """Number of bytes that the worker had read before it began to receive."""
        return self._words[_ALL_READ]

    @property
    def all_sent(self) -> int:
        """Number of bytes that the worker had sent before it began to send."""
        return self._words[_ALL_SENT]

    def request(self, size: int | None = None) -> bytes:
        """Returns the bytes of the request, so many of them where the worker has not noted their number."""
        return bytes(self._request[: self._words[_REQUEST] if size is None else size])

    def response(self) -> bytes:
        """Returns the response."""
        return bytes(self._response[: self._words[_RESPONSE]])

    def unsent(self) -> bytes:
        """Returns the part of the response that the worker could not send."""
        return bytes(self._response[self._words[_SENT] : self._words[_RESPONSE]])

    def begin(self) -> None:
        """Forgets an earlier connection."""
        self._words[_ALL_READ] = self._words[_ALL_SENT] = 0
        self._words[_STAGE] = WAITING

    def enter(self, stage: int) -> None:
        """Enters a stage."""
        self._words[_STAGE] = stage

    def receive(self, connection: socket.socket) -> bytes:
        """Receives the bytes of a connection, at most 64 KB; empty when the client closed it.

        Raises:
            OSError: When nothing has arrived, or the connection is lost.
        """
        words = self._words
        words[_STAGE] = RECEIVING
        try:
            size = connection.recv_into(self._request)
        except OSError:
            words[_STAGE] = WAITING
            raise
        self._times[_ARRIVED] = monotonic()
        words[_REQUEST] = size
        words[_STAGE] = RECEIVED
        # After the stage, which says whether the front needs it.
        words[_ALL_READ] += size
        return bytes(self._request[:size])

    def write_response(self, message: bytes, stage: int) -> None:
        """Writes a response, of at most 64 KB, and enters SENDING or UNSENT."""
        words, size = self._words, len(message)
        self._response[:size] = message
        words[_RESPONSE] = size
        words[_SENT] = 0
        words[_STAGE] = stage

    def note_sent(self, size: int) -> None:
        """Notes how many bytes of the response were sent; the front sends the others."""
        words = self._words
        if size == words[_RESPONSE]:
            words[_STAGE] = WAITING
            words[_ALL_SENT] += size
        else:
            words[_SENT] = size
            words[_STAGE] = UNSENT
