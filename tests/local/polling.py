"""Polling for the state of other processes."""

import time
from collections.abc import Callable

# The waiters of boto3 ask every 15 to 60 seconds. With a shorter delay they need more attempts: else
# they give up on a busy machine.
PATIENT_WAITER = {"Delay": 0.2, "MaxAttempts": 3_000}
# The pause grows with the time that has passed: a poll of AWS on this machine takes the processor time of a
# prediction, and what has taken seconds may take a few hundredths more.
_GROWTH = 0.1
_LONGEST_PAUSE = 0.25


def until(condition: Callable[[], bool], *, seconds: float = 120.0, pause: float = 0.02) -> None:
    """Polls with pauses until the condition holds; fails at the time limit.

    Args:
        condition: What is to hold.
        seconds: The time limit.
        pause: The shortest pause.
    """
    start = time.monotonic()
    while not condition():
        passed = time.monotonic() - start
        assert passed < seconds, "the condition did not hold in time"
        time.sleep(max(pause, min(_GROWTH * passed, _LONGEST_PAUSE)))
