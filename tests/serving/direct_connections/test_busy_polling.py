"""Busy polling: when a wait is busy, and when it pauses."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from serving.direct_connections.busy_polling import (
    BUSY_SECONDS,
    FEWEST_SLEEPS,
    INTERRUPTED_SECONDS,
    MOST_SLEEPS,
    REQUESTS_TO_RECOVER,
    BusyPolling,
)

EVENTS = [(7, 1)]
POLL_SECONDS = BUSY_SECONDS / 8


class Client:
    """A client whose next request comes so many polls after a response, and the clock of its time.

    Attributes:
        after: Number of polls without an event; each takes POLL_SECONDS.
        interruption: Seconds that another process takes from the next poll.
        asleep: Number of polls that have slept.
    """

    def __init__(self) -> None:
        self.after = 3
        self.interruption = 0.0
        self.asleep = 0
        self._now = 100.0
        self._polls = 0

    def clock(self) -> float:
        return self._now

    def poll(self, timeout: int | None = None) -> Sequence[tuple[int, int]]:
        self._now += POLL_SECONDS + self.interruption
        self.interruption = 0.0
        self._polls += 1
        if timeout is None:
            self.asleep += 1
        if timeout is not None and self._polls <= self.after:
            return []
        self._polls = 0
        return EVENTS


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def polling(client: Client) -> BusyPolling:
    return BusyPolling(cast("Any", client), client.clock)


def waits_asleep(polling: BusyPolling, client: Client) -> int:
    """Returns the number of waits that slept, of a client that is quick, before one that did not."""
    client.after = 3
    before = client.asleep
    while True:
        asleep = client.asleep
        assert polling.wait() == EVENTS
        if client.asleep == asleep:
            return asleep - before


def miss(polling: BusyPolling, client: Client) -> None:
    client.after = 1_000
    assert polling.wait() == EVENTS


def test_a_quick_client_is_waited_for_without_sleep(polling: BusyPolling, client: Client) -> None:
    assert [polling.wait() for _ in range(100)] == [EVENTS] * 100
    assert client.asleep == 0


def test_a_slow_client_is_waited_for_asleep_more_often_each_time(
    polling: BusyPolling, client: Client
) -> None:
    found = []
    for _ in range(8):
        miss(polling, client)
        found.append(waits_asleep(polling, client))

    assert found[:3] == [FEWEST_SLEEPS, 2 * FEWEST_SLEEPS, 4 * FEWEST_SLEEPS]
    assert found[-2:] == [MOST_SLEEPS, MOST_SLEEPS]


def test_an_interruption_is_followed_by_sleep_and_loses_no_event(
    polling: BusyPolling, client: Client
) -> None:
    client.after, client.interruption = 0, 2 * INTERRUPTED_SECONDS

    assert polling.wait() == EVENTS
    assert client.asleep == 1
    assert waits_asleep(polling, client) == FEWEST_SLEEPS


def test_pauses_become_shorter_while_no_wait_is_in_vain(polling: BusyPolling, client: Client) -> None:
    for _ in range(3):
        miss(polling, client)
        waits_asleep(polling, client)
    for _ in range(2 * REQUESTS_TO_RECOVER):
        polling.wait()

    miss(polling, client)

    assert waits_asleep(polling, client) == 2 * FEWEST_SLEEPS
