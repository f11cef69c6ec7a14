"""Queue of the calls of a function that find no idle execution environment.

Lambda starts an environment for each of them, on processors of its own. Here starts share the processors of
this machine with everything else, and a start takes longer than most calls. So a call waits a moment for an
environment that becomes free before it starts one, as Lambda lets a call run in an environment that is ready
before its own: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import math
import os
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

# Shorter than the start of an interpreter with boto3, so that a call waits at most twice as long as on AWS.
_PATIENCE_SECONDS = 0.2
# MiniStack's limit of environments that makes it start none but the first.
_ONLY_THE_FIRST = 1
_NEW = "spawn"

Environment = TypeVar("Environment")

# Takes the largest number of environments, None for any; returns a leased one, and "spawn" for a new one.
Acquire = Callable[[int | None], tuple[Environment | None, str]]


class EnvironmentQueue(Generic[Environment]):
    """Calls of one version of a function.

    Args:
        starts: The largest number of environments that start at the same time.
        patience: Seconds that a call waits for an environment before it starts another.
        clock: Returns seconds that never decrease.
    """

    def __init__(
        self,
        *,
        starts: int = os.cpu_count() or 1,
        patience: float = _PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._starts = starts
        self._patience = patience
        self._clock = clock
        self._changed = threading.Condition()
        self._starting: set[Environment] = set()
        self._last_start = -math.inf

    def lease(self, acquire: Acquire[Environment]) -> Environment:
        """Waits for an environment; `started` and `released` must follow.

        Args:
            acquire: MiniStack's lease of an environment.
        """
        with self._changed:
            arrived = self._clock()
            while True:
                remaining = max(arrived, self._last_start) + self._patience - self._clock()
                is_full = len(self._starting) >= self._starts
                environment, how = acquire(_ONLY_THE_FIRST if is_full or remaining > 0 else None)
                if environment is None:
                    self._changed.wait(None if is_full else min(remaining, threading.TIMEOUT_MAX))
                    continue
                if how == _NEW:
                    self._starting.add(environment)
                return environment

    def started(self, environment: Environment) -> None:
        """Must be called when a leased environment runs; does nothing for one that ran before."""
        with self._changed:
            if environment in self._starting:
                self._starting.remove(environment)
                self._last_start = self._clock()
                self._changed.notify_all()

    def released(self, environment: Environment) -> None:
        """Must be called when an environment is idle again, or has not started."""
        self.started(environment)
        with self._changed:
            self._changed.notify_all()
