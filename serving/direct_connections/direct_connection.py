"""One direct connection in the worker process: receives its requests, and sends their responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.direct_connections.memory.handover_slot import (
    ANSWERING,
    RECEIVED,
    SENDING,
    UNSENT,
    WAITING,
    HandoverSlot,
)
from serving.predict.request import InferenceRequest

if TYPE_CHECKING:
    import socket

    from serving.direct_connections.repeated_request_head import RepeatedRequestHead


class DirectConnection:
    """A connection that a worker answers, until something needs the front.

    Attributes:
        number: Number of its slot.
        slot: Its slot in the memory that the front shares.
        socket: The connection.
        is_kept: Whether the worker goes on to answer it; otherwise it is to be returned.
    """

    def __init__(
        self, number: int, slot: HandoverSlot, connection: socket.socket, head: RepeatedRequestHead
    ) -> None:
        self.number = number
        self.slot = slot
        self.socket = connection
        self.is_kept = True
        self._head = head

    def receive(self) -> InferenceRequest | None:
        """Receives the next request.

        Returns:
            The request; None when nothing has arrived, or anything but one whole request with the known head.
        """
        try:
            data = self.slot.receive(self.socket)
        except BlockingIOError:
            return None
        except OSError:
            self.is_kept = False
            return None
        body = self._head.body_of(data)
        if body is None:
            self.is_kept = False
            return None
        self.slot.enter(ANSWERING)
        return InferenceRequest("", body, self._head.metadata)

    def leave_request(self) -> None:
        """Leaves a request to the front, whose response would be too large for the memory."""
        self.slot.enter(RECEIVED)
        self.is_kept = False

    def leave_response(self, message: bytes) -> None:
        """Leaves a response to the front."""
        self.slot.write_response(message, UNSENT)
        self.is_kept = False

    def send(self, message: bytes) -> None:
        """Sends a response; leaves the bytes that the client does not take at once to the front."""
        self.slot.write_response(message, SENDING)
        try:
            sent = self.socket.send(message)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.slot.enter(WAITING)
            self.is_kept = False
            return
        self.slot.note_sent(sent)
        self.is_kept = sent == len(message)
