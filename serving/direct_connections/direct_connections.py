"""Direct connections of a worker process: answers the requests that arrive on them together."""

from __future__ import annotations

import select
import socket
from random import random
from time import monotonic, time
from typing import TYPE_CHECKING

from serving.direct_connections.busy_polling import BusyPolling
from serving.direct_connections.direct_connection import DirectConnection
from serving.direct_connections.handover_messages import HandOver, Recall, receive_message, send_return
from serving.direct_connections.memory.handover_slot import MAX_DIRECT_BYTES
from serving.http.exchange import render
from serving.http.response import ResponseRecord, date_line
from serving.http.route import INFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from serving.direct_connections.memory.handover_memory import HandoverMemory
    from serving.http.response import Response
    from serving.predict.request import InferenceRequest

# Slower requests gain nothing by a direct connection: the front takes a small part of their time, and any
# idle worker can take them from it.
SLOW_SECONDS = 0.001
SLOW_BATCHES = 8


class DirectConnections:
    """Answers direct connections, and returns them with every request that needs the front.

    Attributes:
        connections: The direct connections, by their descriptors.
        events: Waits for commands, messages of the front, and requests.
    """

    def __init__(
        self,
        memory: HandoverMemory,
        front: socket.socket,
        commands: int,
        predict: Callable[[list[InferenceRequest]], Sequence[Response]],
        batch_bytes: int,
    ) -> None:
        """Creates the side of the worker.

        Args:
            memory: The memory that it shares with the front.
            front: A socket pair's end, which brings the connections.
            commands: Descriptor of the pipe of commands.
            predict: Returns the responses to requests.
            batch_bytes: Size of the bodies after which a batch has no more requests.
        """
        self._memory = memory
        self._front = front
        self._commands = commands
        self._predict = predict
        self._batch_bytes = batch_bytes
        self.connections: dict[int, DirectConnection] = {}
        self.events = select.poll()
        self._polling = BusyPolling(self.events)
        self._slow = 0
        self._has_failed = False
        self._second = 0
        self._date = b""
        for descriptor in (front.fileno(), commands):
            self.events.register(descriptor, select.POLLIN)

    def serve(self) -> None:
        """Answers requests until a command is there."""
        connections = self.connections
        # Its pause ends with each command, such as a self-test: other processes may have ended meanwhile.
        self._polling = BusyPolling(self.events)
        has_command = False
        while not has_command:
            has_message = False
            ready: list[DirectConnection] = []
            for descriptor, _ in self._polling.wait() if connections else self.events.poll():
                if connection := connections.get(descriptor):
                    ready.append(connection)
                elif descriptor == self._commands:
                    has_command = True
                else:
                    has_message = True
            while ready:
                ready = self._answer(ready)
            if has_message:
                self._hear()

    def return_all(self) -> None:
        """Returns all connections: the worker's next step takes long, and other workers can answer them."""
        self._return([*self.connections.values()])

    def _hear(self) -> None:
        message, descriptors = receive_message(self._front)
        match message:
            case HandOver(number, head) if descriptors:
                connection = socket.socket(fileno=descriptors[0])
                slot = self._memory.slots[number]
                self.connections[descriptors[0]] = DirectConnection(number, slot, connection, head)
                self.events.register(connection, select.POLLIN)
                self._polling = BusyPolling(self.events)
            case HandOver(number):
                # This process has no file descriptor left: the front, which has one, goes on.
                send_return(self._front, number)
            case Recall(number):
                self._return([one for one in self.connections.values() if one.number == number])
            case None:
                # The front has ended, and the pipe of commands says so too.
                self.events.unregister(self._front)

    def _answer(self, ready: list[DirectConnection]) -> list[DirectConnection]:
        """Answers one batch of connections with requests; returns those that are left for the next."""
        if not self._memory.records.has_room(len(ready)):
            self._return(ready)
            return []
        requests: list[InferenceRequest] = []
        asked: list[DirectConnection] = []
        size = left = 0
        for connection in ready:
            left += 1
            request = connection.receive()
            if request is None:
                if not connection.is_kept:
                    self._return([connection])
                continue
            requests.append(request)
            asked.append(connection)
            size += len(request.body)
            if size > self._batch_bytes:
                break
        if asked:
            self._respond(asked, requests)
        return ready[left:]

    def _respond(self, asked: list[DirectConnection], requests: list[InferenceRequest]) -> None:
        responses = self._predict(requests)
        now, date, batch = monotonic(), self._date_now(), len(asked)
        is_slow = self._is_slow(now - asked[0].slot.arrived, batch)
        self._memory.counts.count_batch(batch)
        for connection, request, response in zip(asked, requests, responses, strict=True):
            message = render(response, date)
            if len(message) > MAX_DIRECT_BYTES:
                connection.leave_request()
            else:
                self._record(connection, request, response, now - connection.slot.arrived)
                # A failure is left to the front, so that /ping knows of it before the client does.
                if response.status < 500:
                    connection.send(message)
                else:
                    connection.leave_response(message)
            if is_slow or not connection.is_kept:
                self._return([connection])

    def _record(
        self, connection: DirectConnection, request: InferenceRequest, response: Response, seconds: float
    ) -> None:
        """Counts a success, and records any other response for the front; logs failures and a sample."""
        counts, failed = self._memory.counts, response.status >= 500
        if response.status == 200 and not self._has_failed:
            counts.count(seconds, response.rows, response.warnings)
        else:
            # The first success after a failure has a record too, so that the front sees both in their order.
            self._has_failed = failed
            record = ResponseRecord.of(response, seconds, len(request.body))
            self._memory.records.write(connection.number, record)
        if failed or random() < counts.log_sample:  # noqa: S311
            ResponseRecord.of(response, seconds, len(request.body)).log(INFERENCE)

    def _is_slow(self, seconds: float, requests: int) -> bool:
        """Whether several batches in a row were slow. Another process may have interrupted a single one."""
        self._slow = self._slow + 1 if seconds > SLOW_SECONDS * requests else 0
        return self._slow >= SLOW_BATCHES

    def _return(self, connections: Iterable[DirectConnection]) -> None:
        for connection in connections:
            descriptor = connection.socket.fileno()
            del self.connections[descriptor]
            self.events.unregister(descriptor)
            connection.socket.close()
            send_return(self._front, connection.number)

    def _date_now(self) -> bytes:
        second = int(time())
        if second != self._second:
            self._second, self._date = second, date_line()
        return self._date
