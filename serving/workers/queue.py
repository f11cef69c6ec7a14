"""The requests that wait for a worker."""

from collections import deque

from serving.http.exchange import Exchange

MAX_REQUESTS = 1_024
MAX_BYTES = 32 << 20
FRAME_REQUESTS = 128
FRAME_BYTES = 256 << 10


class Queue:
    """First come, first served, and never more than can be served in time."""

    def __init__(self) -> None:
        self._waiting: deque[Exchange] = deque()
        self._again: deque[Exchange] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._again)

    def put(self, exchange: Exchange) -> bool:
        """Adds a request at the end; False when there is no more room."""
        size = self._bytes + len(exchange.body)
        if size > MAX_BYTES or len(self._waiting) >= MAX_REQUESTS:
            return False
        self._bytes = size
        self._waiting.append(exchange)
        return True

    def put_back(self, exchange: Exchange) -> None:
        """Adds a request that a worker died over, before all that never had a worker."""
        self._again.append(exchange)

    def take(self, proven: float, most: int = FRAME_REQUESTS) -> list[Exchange]:
        """The requests of a worker's next frame; none when nobody waits whom it may have.

        Args:
            proven: When the worker last replied. What another died over since goes to one that is known
                to have outlived it, and alone.
            most: How many at most. A large body goes alone, or last.
        """
        while self._again and self._again[0].lost <= proven:
            exchange = self._again.popleft()
            if _is_wanted(exchange):
                return [exchange]
        waiting = self._waiting
        taken: list[Exchange] = []
        size = 0
        while waiting and len(taken) < most:
            exchange = waiting[0]
            size += len(exchange.body)
            if taken and size > FRAME_BYTES:
                break
            waiting.popleft()
            self._bytes -= len(exchange.body)
            if _is_wanted(exchange):
                taken.append(exchange)
        return taken

    def late(self, now: float) -> list[Exchange]:
        """The requests whose time is up. They stay until they are taken, and are passed over then."""
        return [exchange for exchange in (*self._again, *self._waiting) if exchange.expires < now]


def _is_wanted(exchange: Exchange) -> bool:
    return exchange.response is None and not exchange.gone
