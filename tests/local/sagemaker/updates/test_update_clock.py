"""Clock in seconds of AWS."""

import threading

from local.sagemaker.updates.update_clock import Clock
from local.time_scale import DEFAULT_SPEED


def test_both_bakes_of_a_canary_take_twenty_seconds() -> None:
    assert Clock(speed=DEFAULT_SPEED).real_seconds(2 * 600) == 20


def test_a_clock_runs_by_its_factor() -> None:
    slow, fast = Clock(speed=1), Clock(speed=600)

    assert fast.real_seconds(600) == slow.real_seconds(600) / 600 == 1
    before, now, after = slow.now(), fast.now(), slow.now()
    assert 600 * before <= now <= 600 * after


def test_an_interruption_ends_a_wait() -> None:
    interruption = threading.Event()
    interruption.set()

    assert Clock(speed=1).wait(interruption, 3600)
