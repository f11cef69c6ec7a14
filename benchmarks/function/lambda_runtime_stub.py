"""Lambda's runtime API on loopback, which sends events and measures the time to each response.

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

_TIMEOUT_SECONDS = 60.0
_SHOWN = 300
_NEXT = (
    b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
)
_ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


class Runtime:
    """Runtime API of one function.

    Attributes:
        address: Host and port.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._polls: queue.SimpleQueue[float | BenchmarkError] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._responses: queue.SimpleQueue[tuple[float, float, bytes, bytes]] = queue.SimpleQueue()
        self._sent = 0.0
        threading.Thread(target=self._accept, daemon=True).start()

    def wait(self) -> float:
        """Returns the time of the function's first request for an event, in seconds of `time.perf_counter`.

        Raises:
            BenchmarkError: The function does not start.
        """
        polled = self._polls.get(timeout=_TIMEOUT_SECONDS)
        if isinstance(polled, BenchmarkError):
            raise polled
        return polled

    def invoke(self, event: bytes) -> tuple[float, float, Any]:
        """Sends an event and returns the times of event and response, and the response.

        Raises:
            BenchmarkError: The function fails.
        """
        self._events.put(event)
        sent, received, path, body = self._responses.get(timeout=_TIMEOUT_SECONDS)
        if not path.endswith(b"/response"):
            raise BenchmarkError(f"the function fails: {body.decode(errors='replace')[:_SHOWN]}")
        return sent, received, json.loads(body)

    def close(self) -> None:
        """Closes the listener."""
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
        # The function is killed while it waits for the next event.
        with suppress(ConnectionError), connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                method, path, _ = line.split(b" ")
                length = _read_length(stream)
                if method == b"GET":
                    self._send_event(connection)
                else:
                    self._receive(path, stream.read(length))
                    connection.sendall(_ACCEPTED)

    def _receive(self, path: bytes, body: bytes) -> None:
        if path.endswith(b"/init/error"):
            self._polls.put(BenchmarkError(f"it does not start: {body.decode(errors='replace')[:_SHOWN]}"))
        else:
            self._responses.put((self._sent, time.perf_counter(), path, body))

    def _send_event(self, connection: socket.socket) -> None:
        self._polls.put(time.perf_counter())
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
