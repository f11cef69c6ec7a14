"""How long an answer may still take."""

import time


class Deadline:
    """A moment by which there has to be an answer, so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds until then, never below 0."""
        return max(0.0, self._end - time.monotonic())

    def left(self) -> float:
        """Seconds until then.

        Raises:
            TimeoutError: It has passed.
        """
        seconds = self.remaining()
        if not seconds:
            raise TimeoutError("The time for this request is up.")
        return seconds

    def within(self, seconds: float) -> "Deadline":
        """The earlier one of this moment and so many seconds from now."""
        return Deadline(min(seconds, self._end - time.monotonic()))
