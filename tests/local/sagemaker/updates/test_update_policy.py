"""Update policies: which steps a DeploymentConfig asks for, and which it may not."""

import math
from typing import Any

import pytest

from local.sagemaker.errors import SageMakerError
from local.sagemaker.updates.update_policy import update_policy

Deployment = dict[str, Any]


def blue_green(kind: str, *, wait: int = 600, **more: Any) -> Deployment:
    sizes: Deployment = {name: more.pop(name) for name in ("CanarySize", "LinearStepSize") if name in more}
    routing: Deployment = {"Type": kind, "WaitIntervalInSeconds": wait, **sizes}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, **more}}


def count(value: int) -> Deployment:
    return {"Type": "INSTANCE_COUNT", "Value": value}


def percent(value: int) -> Deployment:
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def rolling(size: Deployment, **more: Any) -> Deployment:
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 60, **more}}


def test_an_update_without_deployment_configuration_moves_all_traffic_at_once() -> None:
    policy = update_policy(None, total=3, is_serverless=False)

    assert (policy.kind, policy.steps, policy.termination_wait) == ("ALL_AT_ONCE", [3], 0)
    assert policy.timeout == math.inf


@pytest.mark.parametrize(
    ("deployment", "total", "steps"),
    [
        (blue_green("ALL_AT_ONCE"), 3, [3]),
        (blue_green("CANARY", CanarySize=count(1)), 2, [1, 2]),
        (blue_green("CANARY", CanarySize=percent(30)), 10, [3, 10]),
        (blue_green("CANARY", CanarySize=percent(30)), 3, [1, 3]),
        (blue_green("CANARY", CanarySize=percent(50)), 3, [1, 3]),
        (blue_green("LINEAR", LinearStepSize=percent(20)), 5, [1, 2, 3, 4, 5]),
        (blue_green("LINEAR", LinearStepSize=percent(33)), 10, [3, 6, 9, 10]),
        (blue_green("LINEAR", LinearStepSize=count(2)), 4, [2, 4]),
        (rolling(count(1)), 3, [1, 2, 3]),
        (rolling(percent(50)), 4, [2, 4]),
    ],
)
def test_the_steps_follow_the_size(deployment: Deployment, total: int, steps: list[int]) -> None:
    assert update_policy(deployment, total=total, is_serverless=False).steps == steps


def test_a_policy_has_the_waits_the_timeout_and_the_alarms_of_its_configuration() -> None:
    deployment = blue_green(
        "CANARY",
        wait=600,
        CanarySize=count(1),
        TerminationWaitInSeconds=300,
        MaximumExecutionTimeoutInSeconds=3600,
    ) | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}, {"AlarmName": "latency"}]}}

    policy = update_policy(deployment, total=2, is_serverless=False)

    assert (policy.wait, policy.termination_wait, policy.timeout) == (600, 300, 3600)
    assert policy.alarms == ["errors", "latency"]


@pytest.mark.parametrize(
    ("deployment", "total", "message"),
    [
        (blue_green("CANARY", CanarySize=count(1)), 1, "CanarySize must be at most 50%"),
        (blue_green("CANARY", CanarySize=count(2)), 3, "CanarySize must be at most 50%"),
        (blue_green("CANARY", CanarySize=percent(60)), 4, "CanarySize must be at most 50%"),
        (blue_green("CANARY", CanarySize=percent(10)), 1, "CanarySize must be at most 50%"),
        (blue_green("CANARY"), 2, "CanarySize is required"),
        (blue_green("LINEAR"), 2, "LinearStepSize is required"),
        (blue_green("LINEAR", LinearStepSize=percent(5)), 40, "LinearStepSize must be 10-50%"),
        (blue_green("LINEAR", LinearStepSize=count(1)), 20, "LinearStepSize must be 10-50%"),
        (rolling(percent(4)), 50, "MaximumBatchSize must be 5-50%"),
        (rolling(count(3)), 4, "MaximumBatchSize must be 5-50%"),
        (rolling(count(1)) | blue_green("ALL_AT_ONCE"), 4, "Only one update policy"),
    ],
)
def test_a_step_that_does_not_fit_the_number_of_instances_is_refused(
    deployment: Deployment, total: int, message: str
) -> None:
    with pytest.raises(SageMakerError, match=message):
        update_policy(deployment, total=total, is_serverless=False)


@pytest.mark.parametrize("deployment", [rolling(count(1)), blue_green("CANARY", CanarySize=percent(10))])
def test_a_serverless_endpoint_has_no_instances_to_move_traffic_by(deployment: Deployment) -> None:
    with pytest.raises(SageMakerError, match="serverless"):
        update_policy(deployment, total=1, is_serverless=True)
