"""Update policy: how a DeploymentConfig moves the traffic of an endpoint to a new fleet.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from local.sagemaker.errors import invalid
from local.sagemaker.updates.capacity import step_size, steps

# The least part of the instances that a step has.
_LEAST_LINEAR_PERCENT = 10
_LEAST_ROLLING_PERCENT = 5


@dataclass(frozen=True, kw_only=True)
class UpdatePolicy:
    """An update policy for one number of instances.

    Attributes:
        kind: The traffic routing of a blue/green update, or ROLLING.
        steps: How many instances of the new fleet have traffic after each step; the last step is all of them.
        wait: WaitIntervalInSeconds, the bake after every step but the last; after the last too in a rolling
            update.
        termination_wait: TerminationWaitInSeconds, the bake after the last step.
        timeout: MaximumExecutionTimeoutInSeconds.
        rollback_size: How many instances a step back has in a rolling update.
        alarms: The names of the alarms that roll the update back.
    """

    kind: Literal["ALL_AT_ONCE", "CANARY", "LINEAR", "ROLLING"]
    steps: Sequence[int]
    wait: int = 0
    termination_wait: int = 0
    timeout: float = math.inf
    rollback_size: int = 0
    alarms: Sequence[str] = ()


def update_policy(deployment: Mapping[str, Any] | None, *, total: int, is_serverless: bool) -> UpdatePolicy:
    """Reads a DeploymentConfig; without one, all traffic moves at once and no alarm is watched.

    Args:
        deployment: The DeploymentConfig.
        total: The number of instances of the new fleet.
        is_serverless: Whether the new fleet is serverless.

    Raises:
        SageMakerError: A step does not fit the number of instances, or a member is missing or too much.
    """
    if not deployment:
        return UpdatePolicy(kind="ALL_AT_ONCE", steps=[total])
    blue_green, rolling = deployment.get("BlueGreenUpdatePolicy"), deployment.get("RollingUpdatePolicy")
    if blue_green and rolling:
        raise invalid("Only one update policy should be used: BlueGreenUpdatePolicy or RollingUpdatePolicy.")
    alarms = [
        alarm["AlarmName"] for alarm in (deployment.get("AutoRollbackConfiguration") or {}).get("Alarms", ())
    ]
    if rolling:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        if is_serverless:
            raise invalid("A serverless endpoint cannot be updated by a RollingUpdatePolicy.")
        return _rolling(rolling, total, alarms)
    if not blue_green:
        return UpdatePolicy(kind="ALL_AT_ONCE", steps=[total], alarms=alarms)
    routing = blue_green["TrafficRoutingConfiguration"]
    if is_serverless and routing["Type"] != "ALL_AT_ONCE":
        raise invalid("A serverless endpoint has no instances: its traffic moves ALL_AT_ONCE.")
    return UpdatePolicy(
        kind=routing["Type"],
        steps=_blue_green_steps(routing, total),
        wait=routing["WaitIntervalInSeconds"],
        termination_wait=blue_green.get("TerminationWaitInSeconds", 0),
        timeout=blue_green.get("MaximumExecutionTimeoutInSeconds", math.inf),
        alarms=alarms,
    )


def _blue_green_steps(routing: Mapping[str, Any], total: int) -> Sequence[int]:
    if routing["Type"] == "CANARY":
        size = step_size("CanarySize", _size(routing, "CanarySize"), total=total)
        return [size, total]
    if routing["Type"] == "LINEAR":
        size = step_size(
            "LinearStepSize",
            _size(routing, "LinearStepSize"),
            total=total,
            least_percent=_LEAST_LINEAR_PERCENT,
        )
        return steps(size, total=total)
    return [total]


def _size(routing: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    if name not in routing:
        raise invalid(f"{name} is required for traffic routing of Type {routing['Type']}.")
    size: Mapping[str, Any] = routing[name]
    return size


def _rolling(rolling: Mapping[str, Any], total: int, alarms: Sequence[str]) -> UpdatePolicy:
    batch = step_size(
        "MaximumBatchSize", rolling["MaximumBatchSize"], total=total, least_percent=_LEAST_ROLLING_PERCENT
    )
    back = rolling.get("RollbackMaximumBatchSize")
    return UpdatePolicy(
        kind="ROLLING",
        steps=steps(batch, total=total),
        wait=rolling["WaitIntervalInSeconds"],
        timeout=rolling.get("MaximumExecutionTimeoutInSeconds", math.inf),
        rollback_size=step_size("RollbackMaximumBatchSize", back, total=total, most_percent=100)
        if back
        else total,
        alarms=alarms,
    )
