"""Deployments that fail by errors that nobody has foreseen: their rollback, and the next deployment."""

import threading
from typing import Any

from botocore.exceptions import ClientError

from local.codedeploy.app_spec import AppSpec
from local.codedeploy.codedeploy import CodeDeploy
from local.codedeploy.codedeploy_resources import DeploymentGroup

_SECONDS = 60.0
SPEC = AppSpec(function="function", alias="live", current="1", target="2")


def refusal(code: str) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(response, "Any")


class Role:
    """Role of a group; its clients are throttled after the first step, and fail after some updates.

    Args:
        most_updates: Updates of the alias that succeed; None for all.

    Attributes:
        weights: The weights that the alias was given.
    """

    def __init__(self, *, most_updates: int | None = None) -> None:
        self._most_updates = most_updates
        self.weights: list[dict[str, float]] = []

    def client(self, _service: str) -> "Role":
        return self

    def get_alias(self, **_: str) -> dict[str, Any]:
        return {"FunctionVersion": "1"}

    def get_provisioned_concurrency_config(self, **_: str) -> None:
        raise refusal("ProvisionedConcurrencyConfigNotFoundException")

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        # Before the first step only.
        if self.weights:
            raise refusal("Throttling")
        return {"MetricAlarms": []}

    def update_alias(self, **parameters: Any) -> dict[str, Any]:
        if len(self.weights) == self._most_updates:
            raise ValueError("unforeseen")
        self.weights.append(parameters["RoutingConfig"]["AdditionalVersionWeights"])
        return {}


class Clock:
    """Clock that advances with the waits."""

    time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, interruption: threading.Event, seconds: float) -> bool:
        self.time += seconds
        return interruption.is_set()


GROUP = DeploymentGroup(
    application="application",
    name="group",
    parameters={
        "serviceRoleArn": "role",
        "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        "alarmConfiguration": {"enabled": True, "alarms": [{"name": "errors"}]},
        "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
    },
)


def test_a_deployment_that_fails_half_way_gives_the_traffic_back() -> None:
    role = Role()
    codedeploy = CodeDeploy(assume=lambda *_: role, clock=Clock())

    deployment = codedeploy.deploy(GROUP, SPEC)

    assert deployment.ended.wait(_SECONDS)
    assert (deployment.status, deployment.weight, role.weights) == ("Failed", 0, [{"2": 0.1}, {}])
    assert [found.status for found in codedeploy.all()] == ["Succeeded", "Failed"]


def test_after_a_rollback_that_fails_another_deployment_can_begin() -> None:
    role = Role(most_updates=1)
    codedeploy = CodeDeploy(assume=lambda *_: role, clock=Clock())

    deployment = codedeploy.deploy(GROUP, SPEC)

    assert deployment.ended.wait(_SECONDS)
    rollback = codedeploy.get(deployment.rollback["rollbackDeploymentId"])
    assert (rollback.status, rollback.error) == ("Failed", ("INTERNAL_ERROR", "unforeseen"))
    assert codedeploy.deploy(GROUP, SPEC).ended.wait(_SECONDS)
