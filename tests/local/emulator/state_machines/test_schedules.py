"""Schedules of rules start a state machine with the role of the target, by the clock of this machine."""

from typing import Any

import pytest
from ministack.services import eventbridge

from local.emulator.state_machines import rule_targets

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:retraining"
DAY = 24 * 3600.0


class Role:
    """A role that may, or may not, start the state machine."""

    def __init__(self, message: str) -> None:
        self._message = message

    def refusal(self, _action: str, _resource: str) -> str:
        """Returns the message of the refusal, or ""."""
        return self._message


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time of EventBridge, which has no rules yet."""
    # Noon of 1 January 2026.
    now = [1_767_268_800.0]
    monkeypatch.setattr(eventbridge, "_now_ts", lambda: now[0])
    for name in ("_invoke_target", "_dispatch_to_stepfunctions"):
        monkeypatch.setattr(eventbridge, name, getattr(eventbridge, name))
    eventbridge.reset()
    eventbridge._ensure_default_bus()
    eventbridge._rule_last_fired.clear()
    return now


@pytest.mark.parametrize("message", ["", "User: arn:aws:iam::000000000000:role/rule is not authorized"])
@pytest.mark.parametrize(("expression", "days"), [("rate(30 days)", 30), ("cron(0 6 1 * ? *)", 31)])
def test_a_schedule_starts_an_execution_if_its_role_may(
    monkeypatch: pytest.MonkeyPatch, seconds: list[float], expression: str, days: int, message: str
) -> None:
    # Given a rule with a schedule, a target and its role
    started: list[tuple[str, str]] = []
    monkeypatch.setattr(
        eventbridge, "_dispatch_to_stepfunctions", lambda arn, payload: started.append((arn, payload))
    )
    assumed: list[str] = []

    def assume(role: str, **_more: Any) -> Role:
        assumed.append(role)
        return Role(message)

    rule_targets.install(assume)  # type: ignore[arg-type]
    eventbridge._put_rule({"Name": "monthly", "ScheduleExpression": expression})
    target = {"Id": "machine", "Arn": MACHINE, "RoleArn": "role", "Input": '{"because": "schedule"}'}
    eventbridge._put_targets({"Rule": "monthly", "Targets": [target]})
    eventbridge._tick_scheduled_rules()

    # When its day has not come, and then it has
    seconds[0] += (days - 1) * DAY
    eventbridge._tick_scheduled_rules()
    before = list(assumed)
    seconds[0] += DAY
    eventbridge._tick_scheduled_rules()
    eventbridge._tick_scheduled_rules()

    # Then the role decides, once
    assert (before, assumed) == ([], ["role"])
    assert started == ([] if message else [(MACHINE, '{"because": "schedule"}')])
