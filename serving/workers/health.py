"""Health of the workers: decides whether GET /ping responds 200 or 503."""

from collections.abc import Callable

STALE_SECONDS = 10.0
REPLACED_SECONDS = 2.0
MAX_FAILURES = 3

LOADING = "The model is being loaded."
STOPPING = "The process is stopping."


class WorkerSlot:
    """One of the configured workers, across the processes that run in its place one after the other.

    Attributes:
        passed: When a self-test last passed, in seconds of the clock; None before the first.
        failure: Fault that the last self-test found; None when it passed.
        lost: When its process ended; None while one runs.
    """

    def __init__(self) -> None:
        self.passed: float | None = None
        self.failure: str | None = None
        self.lost: float | None = None


class WorkerHealth:
    """Self-tests, losses and inference failures of all workers.

    Attributes:
        stopping: Whether the server was told to stop.
        slots: One for each configured worker.
        awaits_success: Whether a successful inference would change the state, so that it must be recorded.
    """

    def __init__(self, size: int, clock: Callable[[], float]) -> None:
        self.stopping = False
        self.slots = [WorkerSlot() for _ in range(size)]
        self._clock = clock
        self._failures = 0
        self._failing = False
        self._recovering = False
        self.awaits_success = False

    @property
    def started(self) -> bool:
        """Whether every slot has passed a self-test."""
        return all(slot.passed is not None for slot in self.slots)

    def record_self_test(self, slot: WorkerSlot, failure: str | None) -> None:
        """Records the result of a self-test; `failure` is None when it passed."""
        slot.failure = failure
        if failure is None:
            slot.passed = self._clock()
            slot.lost = None
            if self._recovering:
                self._failing = self._recovering = self.awaits_success = False

    def record_loss(self, slot: WorkerSlot) -> None:
        """Records that the process of a slot ended."""
        slot.lost = slot.lost or self._clock()

    def record_inference(self, *, failed: bool) -> None:
        """Records whether the model failed on a request."""
        self._failures = self._failures + 1 if failed else 0
        self._failing |= self._failures >= MAX_FAILURES
        self._recovering = self._failing and not failed
        self.awaits_success = failed or self._failing

    def unhealthy_reason(self) -> str | None:
        """Returns why a load balancer should send no requests now; None when the server is healthy."""
        if self.stopping:
            return STOPPING
        failure = next((slot.failure for slot in self.slots if slot.failure), None)
        if failure:
            return failure
        if not self.started:
            return LOADING
        return self._loss_reason() or self._stale_reason() or self._failing_reason()

    def _loss_reason(self) -> str | None:
        times = [slot.lost for slot in self.slots if slot.lost is not None]
        if len(times) == len(self.slots):
            return "No worker is alive."
        if times and self._clock() - min(times) > REPLACED_SECONDS:
            return f"A worker died and was not replaced within {REPLACED_SECONDS:g} s."
        return None

    def _stale_reason(self) -> str | None:
        oldest = min(slot.passed or 0.0 for slot in self.slots)
        if self._clock() - oldest > STALE_SECONDS:
            return f"A worker has passed no self-test for {STALE_SECONDS:g} s."
        return None

    def _failing_reason(self) -> str | None:
        if self._failing:
            return f"The model failed on {MAX_FAILURES} requests in a row."
        return None
