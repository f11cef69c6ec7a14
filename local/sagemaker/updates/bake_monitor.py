"""Monitor of a deployment: watches alarms during baking periods, and the maximum execution time.

https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
"""

import threading

from local.sagemaker.updates.rollback_alarms import AlarmsUnknownError, RollbackAlarms
from local.sagemaker.updates.update_clock import Clock

# How long an alarm can be in ALARM before the update is rolled back.
_SECONDS_BETWEEN_READINGS = 10


class RollbackError(Exception):
    """The deployment must be rolled back; the message becomes the endpoint's FailureReason."""


class DeploymentInterruptedError(Exception):
    """AWS on this machine is being stopped."""


class DeploymentMonitor:
    """Monitor of one deployment.

    Args:
        clock: The clock.
        alarms: The alarms that are watched.
        timeout: MaximumExecutionTimeoutInSeconds, from now on.
        stopping: Set when AWS on this machine is being stopped.
    """

    def __init__(
        self, *, clock: Clock, alarms: RollbackAlarms, timeout: float, stopping: threading.Event
    ) -> None:
        self._clock = clock
        self._alarms = alarms
        self._timeout = timeout
        self._end = clock.now() + timeout
        self._stopping = stopping

    @property
    def real_seconds_left(self) -> float:
        """The seconds on this machine until the deployment times out."""
        return max(0.0, self._clock.real_seconds(self._end - self._clock.now()))

    def bake(self, seconds: float) -> None:
        """Waits; reads the alarms at the start, in between and at the end.

        Raises:
            RollbackError: An alarm is in ALARM, the states cannot be read, or the deployment timed out.
            DeploymentInterruptedError: AWS on this machine is being stopped.
        """
        end = self._clock.now() + seconds
        while True:
            self._check_alarms()
            self.check_time()
            now = self._clock.now()
            if now >= end:
                return
            pause = min(end - now, self._end - now, _SECONDS_BETWEEN_READINGS)
            if self._clock.wait(self._stopping, pause):
                raise DeploymentInterruptedError

    def check_time(self) -> None:
        """Checks the maximum execution time.

        Raises:
            RollbackError: The deployment timed out.
        """
        if self._clock.now() >= self._end:
            raise RollbackError(
                "The deployment was rolled back because it took longer than its "
                f"MaximumExecutionTimeoutInSeconds of {self._timeout:g} seconds."
            )

    def _check_alarms(self) -> None:
        try:
            found = self._alarms.in_alarm()
        except AlarmsUnknownError as error:
            raise RollbackError(
                f"The deployment was rolled back because its alarms cannot be read: {error}"
            ) from None
        if found:
            raise RollbackError(
                "The deployment was rolled back because of alarms of its AutoRollbackConfiguration in ALARM "
                f"state: {', '.join(found)}."
            )
