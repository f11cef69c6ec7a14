"""Time limit of several blocking calls."""

from collections.abc import Callable


class TimeLimit:
    """Time limit that several blocking calls share.

    Args:
        clock: Seconds of a monotonic clock.
        seconds: The limit, from now on.
    """

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock = clock
        self._end = clock() + seconds

    def is_over(self) -> bool:
        """Returns whether no time remains."""
        return self._clock() >= self._end

    def remaining(self) -> float:
        """Returns the remaining seconds; raises TimeoutError when none remain."""
        remaining = self._end - self._clock()
        if remaining <= 0:
            raise TimeoutError
        return remaining
