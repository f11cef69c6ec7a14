"""`python -m benchmarks.load.constant_rate PORT RATE SECONDS`: sends requests at a constant rate.

It reads a JSON list of requests and prints a `Paced` as JSON. Latency is measured from the
scheduled time of a request, which avoids coordinated omission (Gil Tene, How NOT to Measure Latency).
The connections are those of half a second of requests before, which are not measured.
"""

import gc
import math
import select
import socket
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from itertools import chain
from statistics import median
from typing import NamedTuple, Self

import msgspec

from benchmarks.figures.results import Paced, percentile
from benchmarks.load.requests import Request

CONNECTIONS = 64
GRACE_SECONDS = 20
WARM_UP_SECONDS = 0.5
# A turn of the loop takes less than a millisecond. The host of a virtual machine stops a processor for 10 ms,
# once a second, when all of its processors are busy.
STALL_SECONDS = 0.002
WINDOW_SECONDS = 0.25
_END = b"\r\n\r\n"


class Head(NamedTuple):
    """Head of a response: whether its status is 200, and the size of head and body in bytes."""

    ok: bool
    size: int


def read_head(head: bytes) -> Head:
    """Parses the head of a response, including the empty line.

    Raises:
        ValueError: There is no Content-Length.
    """
    status, *lines = head.lower().split(b"\r\n")
    for line in lines:
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return Head(b" 200" in status[:12], len(head) + int(value))
    raise ValueError(f"the response has no content-length: {head!r}")


class Generator:
    """Sends requests over 64 connections, in a busy loop for delays of microseconds only."""

    def __init__(
        self, port: int, payloads: Sequence[bytes], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._payloads = payloads
        self._clock = clock
        self._epoll = select.epoll()
        self._sockets = {}
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.setblocking(False)
            self._sockets[connection.fileno()] = connection
            self._epoll.register(connection.fileno(), select.EPOLLIN)
        self._free = deque(self._sockets)
        self._due: dict[int, float] = {}
        self._parts = dict.fromkeys(self._sockets, b"")
        self._heads: dict[bytes, Head] = {}
        self._start = 0.0
        self._windows: defaultdict[int, list[float]] = defaultdict(list)
        self._answered = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._epoll.close()
        for connection in self._sockets.values():
            connection.close()

    def run(self, rate: float, seconds: float) -> Paced:
        """Sends requests for `seconds` at `rate` requests a second, and waits for every response.

        While the generator itself is stalled, its schedule stands still, and the requests that are under way
        are not measured.

        Raises:
            ValueError: A response is not 200, or its head is invalid.
            TimeoutError: Responses are missing 20 seconds after the end.
        """
        total, sent, starved = int(rate * seconds), 0, False
        self._answered, stalls = 0, 0
        self._windows.clear()
        late: list[float] = []
        self._start = before = self._clock()
        while self._answered < total:
            now = self._clock()
            if (stalled := now - before) > STALL_SECONDS:
                self._start += stalled
                stalls += 1
                self._due = dict.fromkeys(self._due, math.nan)
            before = now
            if now > self._start + seconds + GRACE_SECONDS:
                raise TimeoutError(f"{total - self._answered} responses are missing")
            while self._free and sent < total and (due := self._start + sent / rate) <= now:
                # A request that waited for a free connection is late because of the server.
                if not starved:
                    late.append(now - due)
                self._send(self._payloads[sent % len(self._payloads)], due)
                sent += 1
            starved = not self._free
            for connection, _ in self._epoll.poll(0):
                self._receive(connection, before)
        latencies = [*chain.from_iterable(self._windows.values())]
        return Paced(
            rate=rate,
            p50=percentile(latencies, 50) * 1e6,
            p99=percentile(latencies, 99) * 1e6,
            calm_p99=median([percentile(window, 99) for window in self._windows.values()]) * 1e6,
            late=percentile(late, 99) * 1e6,
            stalls=stalls,
        )

    def _send(self, payload: bytes, due: float) -> None:
        connection = self._free.popleft()
        self._due[connection] = due
        # One row always fits into the empty send buffer of an idle connection.
        self._sockets[connection].send(payload)

    def _receive(self, connection: int, before: float) -> None:
        """Reads what has arrived; a response during a stall since `before` is not measured."""
        received = self._sockets[connection].recv(1 << 16)
        if not received:
            raise ValueError("the server closed a kept-alive connection")
        response = self._parts[connection] + received
        end = response.find(_END)
        head = self._head(response[: end + len(_END)]) if end >= 0 else None
        if head is None or len(response) < head.size:
            self._parts[connection] = response
            return
        if not head.ok:
            raise ValueError(f"the server answered {response[:200]!r}")
        self._answered += 1
        due, now = self._due[connection], self._clock()
        if not math.isnan(due) and now - before <= STALL_SECONDS:
            window = int((due - self._start) / WINDOW_SECONDS)
            self._windows[window].append(now - due)
        self._parts[connection] = b""
        self._free.append(connection)

    def _head(self, head: bytes) -> Head:
        found = self._heads.get(head)
        if found is None:
            found = self._heads[head] = read_head(head)
        return found


def payload(request: Request, port: int) -> bytes:
    """Returns the bytes of a request."""
    body = request.body.encode()
    lines = [
        f"POST {request.path} HTTP/1.1",
        f"host: 127.0.0.1:{port}",
        f"content-type: {request.content_type}",
        f"content-length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


if __name__ == "__main__":
    port, rate, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    requests = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Request])
    gc.disable()
    with Generator(port, [payload(request, port) for request in requests]) as generator:
        generator.run(rate, WARM_UP_SECONDS)
        print(msgspec.json.encode(generator.run(rate, seconds)).decode())
