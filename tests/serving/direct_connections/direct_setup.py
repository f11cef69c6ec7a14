"""Direct connections of a worker that answers them in a thread, and their clients."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from serving.direct_connections.direct_connections import DirectConnections
from serving.direct_connections.handover_messages import (
    HandOver,
    message_sockets,
    receive_return,
    send_handover,
    send_recall,
)
from serving.direct_connections.memory.handover_memory import HandoverMemory
from serving.direct_connections.memory.handover_slot import MAX_DIRECT_BYTES
from serving.direct_connections.repeated_request_head import RepeatedRequestHead
from serving.http.response import Response
from serving.predict.request import InferenceRequest
from serving.workers.batching_queue import BATCH_BYTES

# Bounds a hang only.
HANG_SECONDS = 60
METADATA = (b"application/json", b"", b"", b"")
BEFORE = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: "
HEAD = RepeatedRequestHead(BEFORE, b"\r\n\r\n", METADATA)

Answer = Callable[[InferenceRequest], Response]


def request(body: bytes) -> bytes:
    return b"%b%d\r\n\r\n%b" % (BEFORE, len(body), body)


def echo(inference: InferenceRequest) -> Response:
    return Response(200, b"content-type: text/plain\r\n", inference.body, 1)


def date_of(message: bytes) -> bytes:
    """Returns the Date header line of a response."""
    return next(line for line in message.split(b"\r\n") if line.startswith(b"date: ")) + b"\r\n"


class DirectSetup:
    """Connections that a worker answers in a thread.

    Attributes:
        clients: The clients' ends of the connections.
        memory: The memory as the front has it.
        worker: The worker's side.
        batches: The bodies of each batch that was answered.
    """

    def __init__(self, stack: ExitStack, answer: Answer, clients: int, batch_bytes: int) -> None:
        descriptor = HandoverMemory.create()
        stack.callback(os.close, descriptor)
        self.memory = HandoverMemory(descriptor)
        self.batches: list[list[bytes]] = []
        self.answer = answer
        pairs = [socket.socketpair() for _ in range(clients)]
        for end in [end for pair in pairs for end in pair]:
            stack.enter_context(end)
        self.clients = [client for client, _ in pairs]
        self.lent = [lent for _, lent in pairs]
        self.front, own = map(stack.enter_context, message_sockets())
        for end in (*self.clients, self.front):
            end.settimeout(HANG_SECONDS)
        for end in self.lent:
            end.setblocking(False)
        commands, self._command = os.pipe()
        stack.callback(os.close, commands)
        stack.callback(os.close, self._command)
        self._commands = commands
        self.worker = DirectConnections(HandoverMemory(descriptor), own, commands, self._predict, batch_bytes)
        self._thread = threading.Thread(target=self.worker.serve)

    @property
    def client(self) -> socket.socket:
        return self.clients[0]

    def _predict(self, requests: list[InferenceRequest]) -> list[Response]:
        self.batches.append([one.body for one in requests])
        return [self.answer(one) for one in requests]

    def begin(self) -> None:
        """Hands over all connections, and starts the worker."""
        for number, lent in enumerate(self.lent):
            send_handover(self.front, HandOver(number, HEAD), lent.fileno())
        self._thread.start()

    def ask(self, body: bytes, number: int = 0) -> bytes:
        self.clients[number].sendall(request(body))
        return self.clients[number].recv(MAX_DIRECT_BYTES)

    def recall(self, number: int = 0) -> None:
        send_recall(self.front, number)

    def returned(self) -> int | None:
        """Waits for the return of a connection; returns the number of its slot."""
        return receive_return(self.front)

    def until_returned(self) -> int:
        """Waits for the return of the first connection; returns the stage of its slot."""
        assert self.returned() == 0
        return self.memory.slots[0].stage

    def command(self) -> None:
        """Has the worker end its service, as for a command, and waits for that."""
        os.write(self._command, b"x")
        self._thread.join()

    def resume(self) -> None:
        """Has the worker serve again, as after a command."""
        os.read(self._commands, 1)
        self._thread = threading.Thread(target=self.worker.serve)
        self._thread.start()

    def fill(self) -> None:
        """Fills the buffers between the worker and the first client."""
        self.lent[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        try:
            while True:
                self.lent[0].send(b"x")
        except BlockingIOError:
            pass


@contextmanager
def handed_over(
    answer: Answer = echo, *, clients: int = 1, batch_bytes: int = BATCH_BYTES
) -> Iterator[DirectSetup]:
    with ExitStack() as stack:
        setup = DirectSetup(stack, answer, clients, batch_bytes)
        try:
            yield setup
        finally:
            setup.command()
            with suppress(BrokenPipeError):
                setup.worker.return_all()
