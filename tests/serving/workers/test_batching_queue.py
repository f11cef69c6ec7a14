"""Queue: order, limits, retries and deadlines of waiting requests."""

import pytest

from serving.http.exchange import Exchange
from serving.workers.batching_queue import (
    BATCH_BYTES,
    BATCH_REQUESTS,
    BATCH_SECONDS,
    MAX_BYTES,
    MAX_REQUESTS,
    ROW_SECONDS,
    RequestQueue,
    deadline_seconds,
)

NOW = 1_000.0


def exchange(size: int = 10, *, expires: float = 0.0) -> Exchange:
    """A request with a body of `size` bytes."""
    found = Exchange(lambda *_: None)
    found.body = b" " * size
    found.expires = expires
    return found


def filled(*exchanges: Exchange) -> RequestQueue:
    queue = RequestQueue()
    for found in exchanges:
        assert queue.put(found)
    return queue


def test_a_batch_has_the_waiting_requests_in_their_order() -> None:
    exchanges = [exchange() for _ in range(5)]
    queue = filled(*exchanges)

    assert queue.take(NOW) == exchanges
    assert queue.take(NOW) == []


def test_a_batch_has_no_more_requests_than_its_limit() -> None:
    exchanges = [exchange() for _ in range(BATCH_REQUESTS + 1)]
    queue = filled(*exchanges)

    assert queue.take(NOW, 3) == exchanges[:3]
    assert len(queue.take(NOW)) == BATCH_REQUESTS - 2


def test_a_large_body_is_a_batch_of_its_own() -> None:
    small, large, last = exchange(), exchange(BATCH_BYTES), exchange()
    queue = filled(small, large, last)

    assert [queue.take(NOW), queue.take(NOW), queue.take(NOW)] == [[small], [large], [last]]


def test_the_number_of_waiting_requests_is_limited() -> None:
    queue = filled(*(exchange() for _ in range(MAX_REQUESTS)))

    assert not queue.put(exchange())
    queue.take(NOW)
    assert queue.put(exchange())


def test_the_bytes_of_waiting_requests_are_limited() -> None:
    queue = filled(*(exchange(MAX_BYTES // 32) for _ in range(32)))

    assert not queue.put(exchange(1))
    queue.take(NOW)
    assert queue.put(exchange(1))


def test_a_request_whose_worker_crashed_is_retried_first_and_alone() -> None:
    first, second, waiting = exchange(), exchange(), exchange()
    queue = filled(waiting)

    queue.put_back(first)
    queue.put_back(second)

    assert [queue.take(NOW), queue.take(NOW), queue.take(NOW)] == [[first], [second], [waiting]]
    assert len(queue) == 0


def test_a_request_whose_worker_crashed_waits_for_a_worker_that_has_replied_since() -> None:
    retry, waiting = exchange(), exchange()
    queue = filled(waiting)
    retry.crashed = NOW
    queue.put_back(retry)

    assert queue.take(NOW - 1) == [waiting]
    assert queue.take(NOW - 1) == []
    assert queue.take(NOW) == [retry]


@pytest.mark.parametrize("change", [{"gone": True}, {"response": b"HTTP/1.1 504 Gateway Timeout\r\n\r\n"}])
def test_a_request_whose_client_left_or_has_its_response_is_skipped(change: dict[str, object]) -> None:
    left, waiting = exchange(), exchange()
    queue = filled(left, waiting)
    for name, value in change.items():
        setattr(left, name, value)

    assert queue.take(NOW) == [waiting]


def test_requests_past_their_deadline_are_found() -> None:
    late, timely, late_retry = exchange(expires=1.0), exchange(expires=2.0), exchange(expires=1.2)
    queue = filled(late, timely)
    queue.put_back(late_retry)

    assert queue.expired(1.5) == [late_retry, late]


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"size":1}', ROW_SECONDS),
        (b'{"instances":[{"size":1}]}', BATCH_SECONDS),
        (b'{"a":{"b":1}}', BATCH_SECONDS),
        (b"size\n1\n", BATCH_SECONDS),
        (b"", BATCH_SECONDS),
    ],
)
def test_one_flat_object_has_the_short_deadline_and_any_other_body_the_long(
    body: bytes, seconds: float
) -> None:
    assert deadline_seconds(body) == seconds
