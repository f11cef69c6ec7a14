"""Training job: its request, its status and its results."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.sagemaker.stoppable_job import StoppableJob

# SecondaryStatus -> TrainingJobStatus; every other secondary status is InProgress.
_STATUSES = {
    "Completed": "Completed",
    "Failed": "Failed",
    "Stopping": "Stopping",
    "Stopped": "Stopped",
    "MaxRuntimeExceeded": "Stopped",
}
_ENDS = ("Completed", "Failed", "Stopped")


@dataclass(frozen=True, kw_only=True)
class StatusTransition:
    """The start of a secondary status."""

    status: str
    since: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(kw_only=True)
class TrainingJob(StoppableJob):
    """A training job.

    Attributes:
        name: Its name.
        request: The request of CreateTrainingJob.
        failure: FailureReason, or "".
        artifacts: The S3 URI of its model archive, or "".
        metrics: The last value of each metric.
        transitions: Its secondary statuses, oldest first.
        announce: Reports the start of a secondary status.
    """

    name: str
    request: dict[str, Any]
    failure: str = ""
    artifacts: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    announce: Callable[["TrainingJob"], None] = lambda _: None
    transitions: list[StatusTransition] = field(default_factory=lambda: [StatusTransition(status="Starting")])

    @property
    def created(self) -> datetime:
        """CreationTime."""
        return self.transitions[0].since

    @property
    def started(self) -> datetime | None:
        """TrainingStartTime: when its instances had started; None before."""
        return next((entered.since for entered in self.transitions if entered.status == "Downloading"), None)

    @property
    def ended(self) -> datetime | None:
        """TrainingEndTime; None before."""
        return self.modified if self.status in _ENDS else None

    @property
    def modified(self) -> datetime:
        """LastModifiedTime: the start of its current secondary status."""
        return self.transitions[-1].since

    @property
    def secondary_status(self) -> str:
        """SecondaryStatus."""
        return self.transitions[-1].status

    @property
    def status(self) -> str:
        """TrainingJobStatus."""
        return _STATUSES.get(self.secondary_status, "InProgress")

    def enter(self, status: str) -> None:
        """Starts a secondary status; a job that is Stopping stays so until it has stopped."""
        with self._changing:
            if not self.stopping.is_set():
                self._change(status)

    def settle(self, status: str, *, failure: str = "") -> None:
        """Ends the job; `failure` is the reason when it failed. One whose stop was requested is Stopped."""
        with self._changing:
            self.failure = failure
            self._change("Stopped" if status == "Completed" and self.stopping.is_set() else status)
            self.settled.set()

    def _change(self, status: str) -> None:
        self.transitions.append(StatusTransition(status=status))
        self.announce(self)
