"""A training job."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# What a secondary status means for whoever only asks how a job is.
_STATUSES = {
    "Completed": "Completed",
    "Failed": "Failed",
    "Stopping": "Stopping",
    "Stopped": "Stopped",
    "MaxRuntimeExceeded": "Stopped",
}


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A job's coming into a status."""

    status: str
    since: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(kw_only=True)
class TrainingJob:
    """What a training job was asked for, and how it is.

    Attributes:
        name: Its name.
        request: The request of CreateTrainingJob.
        failure: Why it failed.
        artifacts: S3 URI of what it made.
        metrics: The last value of each of its metrics.
        stopping: Set when it is to end.
        settled: Set when it has ended.
    """

    name: str
    request: dict[str, Any]
    failure: str = ""
    artifacts: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    transitions: list[Transition] = field(default_factory=lambda: [Transition(status="Starting")])
    stopping: threading.Event = field(default_factory=threading.Event)
    settled: threading.Event = field(default_factory=threading.Event)

    @property
    def created(self) -> datetime:
        """When it was asked for."""
        return self.transitions[0].since

    @property
    def modified(self) -> datetime:
        """When it came into its status."""
        return self.transitions[-1].since

    @property
    def secondary_status(self) -> str:
        """How it is, finely told."""
        return self.transitions[-1].status

    @property
    def status(self) -> str:
        """How it is: InProgress until it ends, unless it is Stopping."""
        return _STATUSES.get(self.secondary_status, "InProgress")

    def enter(self, status: str) -> None:
        """Come into a secondary status; that it is Stopping stays to be seen until it has stopped."""
        if not (self.stopping.is_set() and status in ("Downloading", "Training", "Uploading")):
            self.transitions.append(Transition(status=status))

    def settle(self, status: str, *, failure: str = "") -> None:
        """Come to the end, and say why when it is a bad one."""
        self.failure = failure
        self.enter(status)
        self.settled.set()
