"""LOCAL_SPEED: how much faster than on AWS the waits of its services run."""

import pytest

from local.clock import Clock, speed
from local.errors import LocalError


@pytest.mark.parametrize("text", ["0", "-1", "fast", "", "nan", "inf"])
def test_a_speed_that_is_no_positive_number_is_refused(text: str) -> None:
    with pytest.raises(LocalError, match=f"LOCAL_SPEED is '{text}', which is not a positive number"):
        speed({"LOCAL_SPEED": text})


def test_two_bakes_of_ten_minutes_take_twenty_seconds() -> None:
    clock = Clock(speed=speed({}))

    assert 2 * clock.real_seconds(600) == 20


def test_a_clock_runs_by_its_factor() -> None:
    slow, fast = Clock(speed=1), Clock(speed=600)

    assert fast.real_seconds(600) == slow.real_seconds(600) / 600 == 1
    assert fast.now() > 599 * slow.now()
