"""Batch transform job: its request and its status."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.sagemaker.stoppable_job import StoppableJob


@dataclass(kw_only=True)
class TransformJob(StoppableJob):
    """A batch transform job.

    Attributes:
        name: Its name.
        request: The request of CreateTransformJob.
        status: TransformJobStatus.
        failure: FailureReason, or "".
        announce: Reports a change of the status.
        created: CreationTime.
        modified: When the status changed.
        started: TransformStartTime; None until its instances have started.
        ended: TransformEndTime; None until it has ended.
    """

    name: str
    request: dict[str, Any]
    status: str = "InProgress"
    failure: str = ""
    announce: Callable[["TransformJob"], None] = lambda _: None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))
    started: datetime | None = None
    ended: datetime | None = None

    def start(self) -> None:
        """Records that an instance has started; the first one counts."""
        with self._changing:
            self.started = self.started or datetime.now(UTC)

    def settle(self, *, failure: str = "") -> None:
        """Ends the job: Stopped if that was requested, else Failed with a reason, or Completed without."""
        with self._changing:
            if self.stopping.is_set():
                status = "Stopped"
            else:
                status, self.failure = ("Failed", failure) if failure else ("Completed", "")
            self.ended = datetime.now(UTC)
            self._change(status)
            self.settled.set()

    def _change(self, status: str) -> None:
        self.status, self.modified = status, datetime.now(UTC)
        self.announce(self)
