"""Lambda's runtime API on loopback, which hands out events and takes the time of each.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from benchmarks.errors import BenchmarkError

_PATIENCE_SECONDS = 60.0
_SHOWN = 300
_NEXT = (
    b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
)
_TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


class Runtime:
    """One function's runtime API.

    Attributes:
        address: Where it listens.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._asked: queue.SimpleQueue[float | BenchmarkError] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[float, float, bytes, bytes]] = queue.SimpleQueue()
        self._sent = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def wait(self) -> float:
        """When the function asked for its first event, in seconds of `time.perf_counter`.

        Raises:
            BenchmarkError: When it does not start.
        """
        asked = self._asked.get(timeout=_PATIENCE_SECONDS)
        if isinstance(asked, BenchmarkError):
            raise asked
        return asked

    def invoke(self, event: bytes) -> tuple[float, float, Any]:
        """Hands out an event: when it was sent, when its answer was there, and the answer.

        Raises:
            BenchmarkError: When the function fails.
        """
        self._events.put(event)
        sent, answered, path, body = self._answers.get(timeout=_PATIENCE_SECONDS)
        if not path.endswith(b"/response"):
            raise BenchmarkError(f"the function fails: {body.decode(errors='replace')[:_SHOWN]}")
        return sent, answered, json.loads(body)

    def close(self) -> None:
        """Listens no more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # It is killed in the end, in the middle of asking.
        with suppress(ConnectionError), connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                method, path, _ = line.split(b" ")
                length = _read_length(stream)
                if method == b"GET":
                    self._hand_out(connection)
                else:
                    self._take(path, stream.read(length))
                    connection.sendall(_TAKEN)

    def _take(self, path: bytes, body: bytes) -> None:
        if path.endswith(b"/init/error"):
            self._asked.put(BenchmarkError(f"it does not start: {body.decode(errors='replace')[:_SHOWN]}"))
        else:
            self._answers.put((self._sent, time.perf_counter(), path, body))

    def _hand_out(self, connection: socket.socket) -> None:
        self._asked.put(time.perf_counter())
        event = self._events.get()
        self._sent = time.perf_counter()
        connection.sendall(_NEXT % (len(event), event))


def _read_length(stream: Any) -> int:
    length = 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return length
