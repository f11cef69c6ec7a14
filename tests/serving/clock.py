"""Clock that a test sets."""


class FakeClock:
    """Returns `now`, in seconds."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
