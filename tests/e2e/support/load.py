"""Clients of a deployed API, which together send predictions at a constant rate."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from local.deployments.deployment import Deployment

OK = 200
# Each request at once needs an execution environment of the invoker, which is a process.
CLIENTS = 8
# The API answers after 29 seconds at the latest.
_TIMEOUT_SECONDS = 60.0
_LOST = 0


class Answered(NamedTuple):
    """One request.

    Attributes:
        number: Its place in the order of sending.
        status: The status of its response; 0 if it got no complete one.
        seconds: The time from when it was due to its response.
        sent: When it was sent, in seconds from the start of the load. A client that was answered late sends
            its numbers later than the others send theirs.
    """

    number: int
    status: int
    seconds: float
    sent: float


class Load:
    """Clients with a kept connection each; a client that was answered late sends its next at once.

    Args:
        service: The deployed API.
        rows: The rows that are sent in turn.
        rate: Requests a second of all clients.

    Attributes:
        answered: The requests that have been answered or lost.
    """

    def __init__(self, service: Deployment, rows: Sequence[Mapping[str, Any]], *, rate: float) -> None:
        url = urlsplit(service.url)
        self._place, self._path = (url.hostname or "", url.port), url.path
        self._headers = {"content-type": "application/json", "x-api-key": service.api_key}
        self._bodies = [json.dumps(row) for row in rows]
        self._rate = rate
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(first,)) for first in range(CLIENTS)]
        self.answered: list[Answered] = []

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the sending, and waits for the response of each request."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    @property
    def statuses(self) -> Counter[int]:
        """The number of requests by status."""
        return Counter(one.status for one in self.answered)

    @property
    def lost(self) -> int:
        """The number of requests without a complete response."""
        return self.statuses[_LOST]

    def failures(self) -> tuple[int, int]:
        """Returns how many requests failed, and how many were sent from the first of them to the last."""
        failed = [one.sent for one in self.answered if one.status != OK]
        if not failed:
            return 0, 0
        return len(failed), sum(min(failed) <= one.sent <= max(failed) for one in self.answered)

    def _send(self, first: int) -> None:
        connection = http.client.HTTPConnection(*self._place, timeout=_TIMEOUT_SECONDS)
        for number in itertools.count(first, CLIENTS):
            due = self._start + number / self._rate
            if self._stopped.wait(max(0.0, due - time.monotonic())):
                break
            sent = time.monotonic()
            status = self._exchange(connection, self._bodies[number % len(self._bodies)])
            self.answered.append(Answered(number, status, time.monotonic() - due, sent - self._start))
        connection.close()

    def _exchange(self, connection: http.client.HTTPConnection, body: str) -> int:
        try:
            connection.request("POST", self._path, body, self._headers)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return _LOST
        return response.status
