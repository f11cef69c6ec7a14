"""Who waits for a worker, and who goes when."""

from typing import TYPE_CHECKING, cast

import pytest

from serving.http.exchange import Exchange
from serving.workers.queue import FRAME_BYTES, FRAME_REQUESTS, MAX_BYTES, MAX_REQUESTS, Queue

if TYPE_CHECKING:
    from serving.http.connection import Connection

NOW = 1_000.0


def exchange(size: int = 10, *, expires: float = 0.0) -> Exchange:
    """A request of so many bytes."""
    found = Exchange(cast("Connection", None))
    found.body = b" " * size
    found.expires = expires
    return found


def filled(*exchanges: Exchange) -> Queue:
    queue = Queue()
    for found in exchanges:
        assert queue.put(found)
    return queue


def test_requests_go_together_in_their_order() -> None:
    exchanges = [exchange() for _ in range(5)]
    queue = filled(*exchanges)

    assert queue.take(NOW) == exchanges
    assert queue.take(NOW) == []


def test_a_worker_takes_no_more_than_its_share() -> None:
    exchanges = [exchange() for _ in range(FRAME_REQUESTS + 1)]
    queue = filled(*exchanges)

    assert queue.take(NOW, 3) == exchanges[:3]
    assert len(queue.take(NOW)) == FRAME_REQUESTS - 2


def test_a_large_body_waits_for_a_frame_of_its_own() -> None:
    small, large, last = exchange(), exchange(FRAME_BYTES), exchange()
    queue = filled(small, large, last)

    assert [queue.take(NOW), queue.take(NOW), queue.take(NOW)] == [[small], [large], [last]]


def test_there_is_room_for_so_many_requests_and_no_more() -> None:
    queue = filled(*(exchange() for _ in range(MAX_REQUESTS)))

    assert not queue.put(exchange())
    queue.take(NOW)
    assert queue.put(exchange())


def test_there_is_room_for_so_many_bytes_and_no_more() -> None:
    queue = filled(*(exchange(MAX_BYTES // 32) for _ in range(32)))

    assert not queue.put(exchange(1))
    queue.take(NOW)
    assert queue.put(exchange(1))


def test_what_a_worker_died_over_goes_first_and_alone() -> None:
    first, second, waiting = exchange(), exchange(), exchange()
    queue = filled(waiting)

    queue.put_back(first)
    queue.put_back(second)

    assert [queue.take(NOW), queue.take(NOW), queue.take(NOW)] == [[first], [second], [waiting]]
    assert len(queue) == 0


def test_what_a_worker_died_over_waits_for_one_that_has_replied_since() -> None:
    again, waiting = exchange(), exchange()
    queue = filled(waiting)
    again.lost = NOW
    queue.put_back(again)

    assert queue.take(NOW - 1) == [waiting]
    assert queue.take(NOW - 1) == []
    assert queue.take(NOW) == [again]


@pytest.mark.parametrize("change", [{"gone": True}, {"response": b"HTTP/1.1 504 Gateway Timeout\r\n\r\n"}])
def test_nobody_asks_a_worker_for_whom_nobody_waits(change: dict[str, object]) -> None:
    left, waiting = exchange(), exchange()
    queue = filled(left, waiting)
    for name, value in change.items():
        setattr(left, name, value)

    assert queue.take(NOW) == [waiting]


def test_whose_time_is_up_is_found() -> None:
    late, timely = exchange(expires=1.0), exchange(expires=2.0)

    assert filled(late, timely).late(1.5) == [late]
