"""Clock of updates, in seconds of AWS."""

import threading
import time


class Clock:
    """Time in seconds of AWS, and waits for it.

    Serving processes, their health checks and invocations are real, and take real time.

    Args:
        speed: How many seconds of AWS pass in one second of this machine.
    """

    def __init__(self, *, speed: float) -> None:
        self._speed = speed

    def now(self) -> float:
        """Returns the time since an arbitrary start."""
        return time.monotonic() * self._speed

    def wait(self, interruption: threading.Event, seconds: float) -> bool:
        """Waits; returns True at once when the interruption is set."""
        return interruption.wait(self.real_seconds(seconds))

    def real_seconds(self, seconds: float) -> float:
        """Returns how long a time of AWS is on this machine."""
        return seconds / self._speed
