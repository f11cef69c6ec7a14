"""Answers the requests of a direct connection in the worker process."""

from __future__ import annotations

import select
import socket
from time import monotonic, time
from typing import TYPE_CHECKING

from serving.direct_connections.busy_polling import BusyPolling
from serving.direct_connections.handover_memory import (
    ANSWERING,
    MAX_DIRECT_BYTES,
    RECEIVED,
    SENDING,
    WAITING,
    HandoverMemory,
)
from serving.http.exchange import render
from serving.http.response import ResponseRecord, date_line
from serving.predict.request import InferenceRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.direct_connections.repeated_head import RepeatedHead
    from serving.http.response import Response

RETURNED = b"r"


class DirectConnection:
    """Answers direct connections, one at a time, and returns them with whatever needs the front."""

    def __init__(
        self,
        memory: HandoverMemory,
        front: socket.socket,
        commands: int,
        answer: Callable[[InferenceRequest], Response],
    ) -> None:
        """Creates the side of the worker.

        Args:
            memory: The memory that it shares with the front.
            front: A socket pair's end, which brings the connections.
            commands: Descriptor of the pipe of commands: a connection is returned before the next one.
            answer: Predicts a request.
        """
        self._memory = memory
        self._front = front
        self._commands = commands
        self._answer = answer
        self._second = 0
        self._date = b""

    def serve(self, head: RepeatedHead) -> None:
        """Answers the requests with this head of the connection that the front has sent, and returns it."""
        _, descriptors, _, _ = socket.recv_fds(self._front, 1, 1)
        with socket.socket(fileno=descriptors[0]) as connection:
            events = select.poll()
            events.register(connection, select.POLLIN)
            events.register(self._commands, select.POLLIN)
            ready = [(connection.fileno(), select.POLLIN)]
            polling = BusyPolling(events)
            while polling.wait() == ready and self._answer_next(connection, head):
                pass
        self._front.send(RETURNED)

    def _answer_next(self, connection: socket.socket, head: RepeatedHead) -> bool:
        """Answers one request; returns whether the connection is kept for the next."""
        memory = self._memory
        if memory.is_full:
            return False
        try:
            data = memory.receive(connection)
        except BlockingIOError:
            return True
        except OSError:
            return False
        body = head.body_of(data)
        if body is None:
            return False
        memory.enter(ANSWERING)
        response = self._answer(InferenceRequest("", body, head.metadata))
        message = render(response, self._date_now())
        if len(message) > MAX_DIRECT_BYTES:
            memory.enter(RECEIVED)
            return False
        memory.write(
            ResponseRecord(
                response.status,
                monotonic() - memory.arrived,
                response.rows,
                len(body),
                len(response.body),
                response.warnings,
            )
        )
        # A failure is left to the front, so that /ping knows of it before the client does.
        return self._send(connection, message) if response.status < 500 else self._leave(message)

    def _send(self, connection: socket.socket, message: bytes) -> bool:
        memory = self._memory
        memory.enter(SENDING)
        try:
            sent = connection.send(message)
        except BlockingIOError:
            sent = 0
        except OSError:
            memory.enter(WAITING)
            return False
        if sent < len(message):
            return self._leave(message[sent:])
        memory.enter(WAITING)
        return True

    def _leave(self, unsent: bytes) -> bool:
        self._memory.leave(unsent)
        return False

    def _date_now(self) -> bytes:
        second = int(time())
        if second != self._second:
            self._second, self._date = second, date_line()
        return self._date
