"""Clients that send requests at a constant rate and count the responses."""

import http.client
import threading
import time
from collections import Counter
from typing import Self

from benchmarks.errors import BenchmarkError

HOST = "127.0.0.1"
ROW = b'{"size":0}'
RATE = 500.0
CLIENTS = 8
TIMEOUT_SECONDS = 30.0
_JSON = {"content-type": "application/json"}
_STEP_SECONDS = 0.005


class Load:
    """Eight clients with one persistent connection each, which send 500 requests a second in total.

    Attributes:
        statuses: Number of responses by status.
        lost: Errors of the requests that got no response.
        refused: Whether a client could not connect; such a client ends.
        slowest: Latency of the slowest response, in seconds.
    """

    def __init__(self, port: int, *, body: bytes = ROW, rate: float = RATE) -> None:
        self.statuses: Counter[int] = Counter()
        self.lost: list[str] = []
        self.refused = False
        self.slowest = 0.0
        self._port = port
        self._body = body
        self._pause = CLIENTS / rate
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._send_requests, daemon=True) for _ in range(CLIENTS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self.join()

    def join(self) -> None:
        """Waits until every client has ended."""
        for thread in self._threads:
            thread.join()

    def until(self, answered: int) -> None:
        """Waits until this number of further requests is answered.

        Raises:
            BenchmarkError: The responses did not arrive in time.
        """
        wanted = self.statuses.total() + answered
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while self.statuses.total() < wanted:
            if time.monotonic() > deadline:
                raise BenchmarkError(f"requests are not answered any more: {self.statuses}, {self.lost[:3]}")
            time.sleep(_STEP_SECONDS)

    def _send_requests(self) -> None:
        while not self._stopped.is_set():
            connection = http.client.HTTPConnection(HOST, self._port, timeout=TIMEOUT_SECONDS)
            try:
                connection.connect()
            except OSError:
                self.refused = True
                return
            self._send_on(connection)
            connection.close()

    def _send_on(self, connection: http.client.HTTPConnection) -> None:
        due = time.monotonic()
        while not self._stopped.wait(max(due - time.monotonic(), 0)):
            due += self._pause
            sent = time.monotonic()
            try:
                connection.request("POST", "/invocations", self._body, _JSON)
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(repr(error))
                return
            self.slowest = max(self.slowest, time.monotonic() - sent)
            self.statuses[response.status] += 1
            if response.will_close:
                return
