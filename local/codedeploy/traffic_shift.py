"""Shift of an alias: its steps, the alarms that are watched meanwhile, and its end.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-lambda.html
"""

import logging
import threading
from collections.abc import Sequence
from typing import Protocol

from local.codedeploy.alias import ShiftedAlias, ShiftError
from local.codedeploy.deployment import LambdaDeployment
from local.codedeploy.traffic_routing import Step

# How long an alarm can be in ALARM before the deployment is stopped.
_SECONDS_BETWEEN_READINGS = 10
_ALARM_ACTIVE = (
    "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
    "affected deployments have been stopped. Activated alarms: {}"
)
_STOPPED_BY_USER = "The deployment was manually stopped."

logger = logging.getLogger(__name__)


class ShiftClock(Protocol):
    """Clock in seconds of AWS."""

    def now(self) -> float:
        """Returns the time since an arbitrary start."""

    def wait(self, interruption: threading.Event, seconds: float) -> bool:
        """Waits; returns True at once when the interruption is set."""


def shift(
    deployment: LambdaDeployment, alias: ShiftedAlias, *, steps: Sequence[Step], clock: ShiftClock
) -> str:
    """Shifts the alias of a deployment, and ends the deployment.

    Args:
        deployment: The deployment.
        alias: Its alias.
        steps: The steps of its configuration.
        clock: The clock of the waits.

    Returns:
        The event that may roll it back, such as DEPLOYMENT_STOP_ON_ALARM; "" after a success.
    """
    deployment.status = "InProgress"
    try:
        alias.check()
        for step in steps:
            _check_alarms(deployment, alias)
            alias.shift(step.percentage)
            deployment.weight = step.percentage
            _wait(deployment, alias, step.wait, clock)
    except _StopError as stop:
        logger.warning("Deployment %s is stopped: %s", deployment.id, stop)
        deployment.end("Stopped", (stop.code, str(stop)))
        return stop.event
    except ShiftError as error:
        logger.warning("Deployment %s has failed: %s", deployment.id, error)
        deployment.end("Failed", (error.code, str(error)))
        return "DEPLOYMENT_FAILURE"
    deployment.end("Succeeded")
    return ""


class _StopError(Exception):
    """The deployment must stop."""

    def __init__(self, code: str, message: str, *, event: str) -> None:
        super().__init__(message)
        self.code = code
        self.event = event


def _wait(deployment: LambdaDeployment, alias: ShiftedAlias, seconds: float, clock: ShiftClock) -> None:
    end = clock.now() + seconds
    while (left := end - clock.now()) > 0:
        if clock.wait(deployment.stopping, min(left, _SECONDS_BETWEEN_READINGS)):
            raise _StopError("MANUAL_STOP", _STOPPED_BY_USER, event="DEPLOYMENT_STOP_ON_REQUEST")
        _check_alarms(deployment, alias)


def _check_alarms(deployment: LambdaDeployment, alias: ShiftedAlias) -> None:
    group = deployment.group
    try:
        active = alias.alarms(group.alarms)
    except ShiftError:
        if group.ignores_unknown_alarms:
            return
        raise
    if active:
        raise _StopError(
            "ALARM_ACTIVE", _ALARM_ACTIVE.format(", ".join(active)), event="DEPLOYMENT_STOP_ON_ALARM"
        )
