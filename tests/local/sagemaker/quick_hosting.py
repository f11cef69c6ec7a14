"""SageMaker hosting in the process of the test: its clock is the test's, and its events go to a list."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from local.sagemaker.execution_role import AssumeRole
from local.sagemaker.fleets.launcher import ContainerLauncher
from local.sagemaker.hosting.hosting import SageMakerHosting
from local.sagemaker.updates.update_clock import Clock
from tests.local.sagemaker.permitted_role import assume_permitted_role


class FakeClock(Clock):
    """Clock that only waits move, which return at once.

    Args:
        during_wait: Called in each wait, after the time has moved.

    Attributes:
        seconds: The time.
    """

    def __init__(self, during_wait: Callable[[], None] = lambda: None) -> None:
        super().__init__(speed=1)
        self.seconds = 0.0
        self.during_wait = during_wait

    def now(self) -> float:
        """Returns the time."""
        return self.seconds

    def wait(self, interruption: threading.Event, seconds: float) -> bool:
        """Moves the time."""
        self.seconds += seconds
        self.during_wait()
        return interruption.is_set()


def make_hosting(
    launcher: ContainerLauncher,
    *,
    assume: AssumeRole = assume_permitted_role,
    clock: Clock | None = None,
    events: list[tuple[str, str, Mapping[str, Any]]] | None = None,
) -> SageMakerHosting:
    """Makes hosting; without a clock, an update may not wait in real time."""
    sent = [] if events is None else events
    return SageMakerHosting(
        launcher=launcher,
        assume=assume,
        clock=clock or FakeClock(),
        publish=lambda *event: sent.append(event),
    )
