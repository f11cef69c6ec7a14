"""Load: clients that send requests at a steady rate and record the statuses."""

import http.client
import threading
import time
from collections import Counter
from typing import Self

from tests.contract.support.process import HANG_SECONDS, HOST

JSON = {"content-type": "application/json"}
# A batch, whose deadline is ten seconds: a slow machine may take two to replace a worker.
BATCH = b'{"instances":[{"size":0}]}'


class Load:
    """Clients, each with a connection of its own, that send until they are refused or stopped.

    Attributes:
        statuses: Number of responses by status.
        broken: Errors of requests that were sent and not answered.
    """

    def __init__(self, port: int, *, clients: int = 8, rate: float = 500.0) -> None:
        """Creates the clients; `rate` is in requests a second, of all clients together."""
        self.statuses: Counter[int] = Counter()
        self.broken: list[str] = []
        self._port = port
        self._pause = clients / rate
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run_client) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def until(self, answered: int) -> None:
        """Waits until so many more requests are answered."""
        wanted = self.statuses.total() + answered
        deadline = time.monotonic() + HANG_SECONDS
        while self.statuses.total() < wanted:
            assert time.monotonic() < deadline, (self.statuses, self.broken)
            time.sleep(0.005)

    def _run_client(self) -> None:
        while not self._stopped.is_set():
            connection = http.client.HTTPConnection(HOST, self._port, timeout=HANG_SECONDS)
            try:
                connection.connect()
            except OSError:
                return
            self._send_on(connection)
            connection.close()

    def _send_on(self, connection: http.client.HTTPConnection) -> None:
        while not self._stopped.is_set():
            try:
                connection.request("POST", "/invocations", BATCH, JSON)
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as error:
                self.broken.append(repr(error))
                return
            self.statuses[response.status] += 1
            if response.will_close:
                return
            self._stopped.wait(self._pause)
