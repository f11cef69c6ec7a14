"""Queue of the requests that wait for a worker, and their deadlines."""

from collections import deque

from serving.http.exchange import Exchange

MAX_REQUESTS = 1_024
MAX_BYTES = 32 << 20
BATCH_REQUESTS = 128
BATCH_BYTES = 256 << 10

ROW_SECONDS = 2.0
BATCH_SECONDS = 10.0
# SageMaker's default of InvocationsTimeoutInSeconds, and the most that MaxConcurrentTransforms times
# MaxPayloadInMB may be:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelClientConfig.html
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
TRANSFORM_SECONDS = 600.0
TRANSFORM_BYTES = 100 << 20


def deadline_seconds(body: bytes) -> float:
    """Returns how long a request may take from its arrival to its response, in seconds.

    2 s for a body that looks like one row, a flat JSON object; 10 s for anything else.
    """
    is_row = body.find(b"[") < 0 and body.count(b"{") == 1
    return ROW_SECONDS if is_row else BATCH_SECONDS


class RequestQueue:
    """First-in, first-out queue, limited in requests and bytes; requests of crashed workers go first."""

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._waiting: deque[Exchange] = deque()
        self._retries: deque[Exchange] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting) + len(self._retries)

    def put(self, exchange: Exchange) -> bool:
        """Adds a request at the end; returns False when the queue is full."""
        size = self._bytes + len(exchange.body)
        if size > self._max_bytes or len(self._waiting) >= MAX_REQUESTS:
            return False
        self._bytes = size
        self._waiting.append(exchange)
        return True

    def put_back(self, exchange: Exchange) -> None:
        """Adds a request whose worker crashed, ahead of all requests that never had a worker."""
        self._retries.append(exchange)

    def take(self, replied: float, limit: int = BATCH_REQUESTS) -> list[Exchange]:
        """Removes and returns the next batch of a worker; empty when it may take nothing.

        Args:
            replied: When the worker last replied. A request whose worker crashed is retried alone, by a
                worker that has replied since the crash.
            limit: Most requests of the batch. Its bytes are limited too: a large body goes alone, or last.
        """
        while self._retries and self._retries[0].crashed <= replied:
            exchange = self._retries.popleft()
            if _is_pending(exchange):
                return [exchange]
        waiting = self._waiting
        taken: list[Exchange] = []
        size = 0
        while waiting and len(taken) < limit:
            exchange = waiting[0]
            size += len(exchange.body)
            if taken and size > BATCH_BYTES:
                break
            waiting.popleft()
            self._bytes -= len(exchange.body)
            if _is_pending(exchange):
                taken.append(exchange)
        return taken

    def expired(self, now: float) -> list[Exchange]:
        """Returns the requests whose deadline has passed; they stay until `take` skips them."""
        return [exchange for exchange in (*self._retries, *self._waiting) if exchange.expires < now]


def _is_pending(exchange: Exchange) -> bool:
    return exchange.response is None and not exchange.gone
