"""Common part of training jobs and batch transform jobs: the request to stop, and the end."""

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class StoppableJob(ABC):
    """A job that can be stopped while it is InProgress.

    Attributes:
        stopping: Set when its stop is requested.
        settled: Set when it has ended.
    """

    stopping: threading.Event = field(default_factory=threading.Event)
    settled: threading.Event = field(default_factory=threading.Event)
    _changing: threading.Lock = field(default_factory=threading.Lock)

    @property
    @abstractmethod
    def status(self) -> str:
        """TrainingJobStatus or TransformJobStatus."""

    def stop(self) -> str:
        """Requests its stop, if it is InProgress; returns the status that it had."""
        with self._changing:
            before = self.status
            if before == "InProgress":
                self._change("Stopping")
                self.stopping.set()
        return before

    @abstractmethod
    def _change(self, status: str) -> None:
        """Records and announces a status; the caller holds the lock."""
