"""Whether this process may get requests: what /ping says."""

from collections.abc import Callable

STALE_SECONDS = 10.0
REPLACED_SECONDS = 2.0
MOST_FAILURES = 3

LOADING = "The model is being loaded."
STOPPING = "The process is stopping."


class Place:
    """The place of one worker, whichever process fills it.

    Attributes:
        passed: When a self-test was last passed there, in seconds of the clock; None before the first.
        trouble: What the last self-test found wrong; None when nothing.
        lost: When its worker died; None while it lives.
    """

    def __init__(self) -> None:
        self.passed: float | None = None
        self.trouble: str | None = None
        self.lost: float | None = None


class Health:
    """Loading, then well or not, then stopping.

    Attributes:
        stopping: Whether the process was told to stop.
        places: One for each worker there should be.
        doubtful: Whether an answer of the model would be news.
    """

    def __init__(self, size: int, clock: Callable[[], float]) -> None:
        self.stopping = False
        self.places = [Place() for _ in range(size)]
        self._clock = clock
        self._failures = 0
        self._suspicious = False
        self._proven = False
        self.doubtful = False

    @property
    def started(self) -> bool:
        """Whether every worker has passed a self-test."""
        return all(place.passed is not None for place in self.places)

    def check(self, place: Place, trouble: str | None) -> None:
        """Notes the result of a self-test."""
        place.trouble = trouble
        if trouble is None:
            place.passed = self._clock()
            place.lost = None
            if self._proven:
                self._suspicious = self._proven = self.doubtful = False

    def lose(self, place: Place) -> None:
        """Notes that a worker died."""
        place.lost = place.lost or self._clock()

    def infer(self, *, failed: bool) -> None:
        """Notes how the model answered a request."""
        self._failures = self._failures + 1 if failed else 0
        self._suspicious |= self._failures >= MOST_FAILURES
        self._proven = self._suspicious and not failed
        self.doubtful = failed or self._suspicious

    def trouble(self) -> str | None:
        """Why a load balancer should send nothing now; None when all is well."""
        if self.stopping:
            return STOPPING
        found = next((place.trouble for place in self.places if place.trouble), None)
        if found:
            return found
        if not self.started:
            return LOADING
        return self._lost() or self._stale() or self._failing()

    def _lost(self) -> str | None:
        times = [place.lost for place in self.places if place.lost is not None]
        if len(times) == len(self.places):
            return "No worker is alive."
        if times and self._clock() - min(times) > REPLACED_SECONDS:
            return f"A worker died and was not replaced within {REPLACED_SECONDS:g} s."
        return None

    def _stale(self) -> str | None:
        oldest = min(place.passed or 0.0 for place in self.places)
        if self._clock() - oldest > STALE_SECONDS:
            return f"A worker has passed no self-test for {STALE_SECONDS:g} s."
        return None

    def _failing(self) -> str | None:
        if self._suspicious:
            return f"The model failed on {MOST_FAILURES} requests in a row."
        return None
