"""Polling for the state of other processes."""

import time
from collections.abc import Callable

# The waiters of boto3 ask every 15 to 60 seconds. With a shorter delay they need more attempts: else
# they give up on a busy machine.
PATIENT_WAITER = {"Delay": 0.05, "MaxAttempts": 12_000}


def until(condition: Callable[[], bool], *, seconds: float = 120.0, pause: float = 0.02) -> None:
    """Polls with pauses until the condition holds; fails at the time limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        time.sleep(pause)
