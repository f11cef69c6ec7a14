"""Shift of an alias with a clock of the test: its steps, alarms and failures."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from local.codedeploy.alias import ShiftedAlias, ShiftError
from local.codedeploy.app_spec import AppSpec
from local.codedeploy.codedeploy_resources import DeploymentGroup
from local.codedeploy.deployment import LambdaDeployment
from local.codedeploy.traffic_routing import canary, linear, steps
from local.codedeploy.traffic_shift import shift

SPEC = AppSpec(function="function", alias="live", current="1", target="2")


class Clock:
    """Clock that advances with the waits."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, interruption: threading.Event, seconds: float) -> bool:
        self.time += seconds
        return interruption.is_set()


class RecordedAlias(ShiftedAlias):
    """Alias that records the weights with their times, and whose alarms the test sets."""

    def __init__(
        self, clock: Clock, *, active: Callable[[float], list[str]] = lambda _: [], version: str = "1"
    ) -> None:
        super().__init__(SPEC, role="role", assume=self._never)
        self.weights: list[tuple[float, int]] = []
        self._clock = clock
        self._active = active
        self._version = version

    def check(self) -> None:
        if self._version != "1":
            raise ShiftError("INVALID_LAMBDA_CONFIGURATION", "another version")

    def shift(self, percentage: int) -> None:
        self.weights.append((self._clock.time, percentage))

    def alarms(self, names: Sequence[str]) -> list[str]:
        assert list(names) == ["errors"]
        return self._active(self._clock.time)

    def _never(self) -> Any:
        raise AssertionError


def deployment(*, ignores: bool = False) -> LambdaDeployment:
    alarms = {"enabled": True, "alarms": [{"name": "errors"}], "ignorePollAlarmFailure": ignores}
    parameters = {"alarmConfiguration": alarms}
    group = DeploymentGroup(application="application", name="group", parameters=parameters)
    return LambdaDeployment(group=group, spec=SPEC, config="config", creator="user")


def test_each_step_waits_its_minutes_of_aws() -> None:
    clock = Clock()
    alias, made = RecordedAlias(clock), deployment()

    event = shift(made, alias, steps=steps(linear(40, 2)), clock=clock)

    assert (event, made.status, made.error) == ("", "Succeeded", None)
    assert alias.weights == [(0, 40), (120, 80), (240, 100)]


def test_an_alarm_stops_the_deployment_within_seconds_and_is_named() -> None:
    clock = Clock()
    alias = RecordedAlias(clock, active=lambda now: ["errors"] if now > 60 else [])
    made = deployment()

    event = shift(made, alias, steps=steps(canary(10, 10)), clock=clock)

    assert (event, made.status) == ("DEPLOYMENT_STOP_ON_ALARM", "Stopped")
    assert clock.time == 70
    assert alias.weights == [(0, 10)]
    message = (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and "
        "the affected deployments have been stopped. Activated alarms: errors"
    )
    assert made.error == ("ALARM_ACTIVE", message)


def test_an_alarm_that_is_active_before_keeps_all_traffic_on_the_old_version() -> None:
    alias, made = RecordedAlias(Clock(), active=lambda _: ["errors"]), deployment()

    shift(made, alias, steps=steps(canary(10, 10)), clock=Clock())

    assert (made.status, alias.weights, made.weight) == ("Stopped", [], 0)


def test_an_alias_on_another_version_fails_the_deployment() -> None:
    alias, made = RecordedAlias(Clock(), version="3"), deployment()

    event = shift(made, alias, steps=steps(canary(10, 10)), clock=Clock())

    assert (event, made.status, alias.weights) == ("DEPLOYMENT_FAILURE", "Failed", [])


@pytest.mark.parametrize(("ignores", "status"), [(False, "Failed"), (True, "Succeeded")])
def test_alarms_that_cannot_be_read_stop_it_unless_the_group_ignores_that(
    *, ignores: bool, status: str
) -> None:
    def refuse(_: float) -> list[str]:
        raise ShiftError("IAM_ROLE_PERMISSIONS", "no permission")

    made = deployment(ignores=ignores)

    clock = Clock()
    shift(made, RecordedAlias(clock, active=refuse), steps=steps(canary(10, 10)), clock=clock)

    assert made.status == status


def test_a_stop_interrupts_the_wait() -> None:
    clock, made = Clock(), deployment()
    made.stopping.set()

    event = shift(made, RecordedAlias(clock), steps=steps(canary(10, 10)), clock=clock)

    assert (event, made.status, clock.time) == ("DEPLOYMENT_STOP_ON_REQUEST", "Stopped", 10)
    assert made.error
    assert made.error[0] == "MANUAL_STOP"
