"""Polling for the state of other processes."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], *, seconds: float = 120.0, pause: float = 0.02) -> None:
    """Polls with pauses until the condition holds; fails at the time limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold in time"
        time.sleep(pause)
