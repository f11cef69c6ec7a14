"""Waiting for work that other machines share, which may have gone."""

import threading
import time
from collections.abc import Callable

from training.errors import TrainingError
from training.plan import Cluster

LOOK_SECONDS = 0.5
STOP_SECONDS = 5
LOST_SECONDS = 300


class Company:
    """Runs a fit beside the main thread, and gives it up once nothing comes of it any more.

    LightGBM waits for ever for a machine that has hung up, as one does that was told to stop. The thread
    cannot be ended then; it is left behind, and ends with the process.

    Args:
        cluster: The machines.
        stopping: Whether this machine is to stop.
    """

    def __init__(self, cluster: Cluster, stopping: Callable[[], bool]) -> None:
        self._cluster = cluster
        self._stopping = stopping
        self._heard = time.monotonic()
        self._error: Exception | None = None

    def heard(self) -> None:
        """A round was done together."""
        self._heard = time.monotonic()

    def run(self, work: Callable[[], None]) -> bool:
        """Whether the work came to its end; when it did not, this machine was to stop.

        Raises:
            TrainingError: When the other machines were lost.
        """
        thread = threading.Thread(target=self._try, args=(work,), daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(LOOK_SECONDS)
            silent = time.monotonic() - self._heard
            if silent > STOP_SECONDS and self._stopping():
                return False
            if silent > LOST_SECONDS:
                raise self._lost(f"nothing was heard for {LOST_SECONDS} seconds")
        if self._error is None or self._stopping():
            return self._error is None
        if isinstance(self._error, TrainingError):
            raise self._error
        raise self._lost(f"{self._error}") from self._error

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            # It is raised anew where somebody waits for it.
            self._error = error

    def _lost(self, why: str) -> TrainingError:
        return TrainingError(
            f"The machines {', '.join(self._cluster.machines)} lost each other ({why}): "
            "see that each is up and lets the others in."
        )
