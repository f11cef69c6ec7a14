"""Clock of AWS on this machine: the waits of its services are shorter than on AWS, all by one factor."""

import math
import threading
import time
from collections.abc import Mapping

from local.errors import LocalError

# Two bakes of ten minutes, those of an update in prod, take 20 s.
_DEFAULT_SPEED = "60"


def speed(environ: Mapping[str, str]) -> float:
    """Returns LOCAL_SPEED: how many seconds of AWS pass in one second of this machine.

    Raises:
        LocalError: It is not a positive number.
    """
    text = environ.get("LOCAL_SPEED", _DEFAULT_SPEED)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (value > 0 and math.isfinite(value)):
        raise LocalError(
            f"LOCAL_SPEED is {text!r}, which is not a positive number: give how many times faster than on "
            f"AWS the waits of its services run, such as {_DEFAULT_SPEED}."
        )
    return value


class Clock:
    """Time in seconds of AWS.

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
