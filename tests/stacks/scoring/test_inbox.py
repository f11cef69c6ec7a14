"""Inbox: which objects start a run, with which input, and what is mailed."""

import json
from typing import Any

import pytest

from tests.stacks.support.synthesis import Synthesis, Synthesizer


@pytest.fixture(scope="module")
def watched(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(
        is_validated=True,
        hosting="lambda",
        scoring_data="own",
        inbox="on",
        alarm_email="team@example.com",
    )


def rule(stack: Synthesis, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.by_path(f"Inbox/{name}")["Properties"]
    return found


def test_only_a_file_of_the_inbox_starts_a_run_of_its_own(watched: Synthesis) -> None:
    arrived = rule(watched, "Arrived")

    keys = [pattern["wildcard"] for pattern in arrived["EventPattern"]["detail"]["object"]["key"]]
    assert keys == ["inbox/*.*"]
    [target] = arrived["Targets"]
    machine, _ = watched.only("AWS::StepFunctions::StateMachine")
    assert target["Arn"] == {"Ref": machine}
    template = target["InputTransformer"]["InputTemplate"]
    values = {"<bucket>": '"rows"', "<key>": '"inbox/a.csv"', "<id>": "1"}
    for name, value in values.items():
        template = template.replace(name, value)
    assert json.loads(template) == {
        "bucket": "rows",
        "prefix": "inbox/a.csv",
        "output": "scores/inbox/1/",
        "range_bytes": 64 << 20,
    }


def test_the_bucket_sends_its_events_and_the_rule_may_only_start_the_state_machine(
    watched: Synthesis,
) -> None:
    bucket = watched.by_path("Artifacts/Bucket/Resource")["Properties"]
    policy = watched.by_path("Inbox/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]

    sent = bucket["NotificationConfiguration"]["EventBridgeConfiguration"]["EventBridgeEnabled"]
    assert sent in (True, "true")
    machine, _ = watched.only("AWS::StepFunctions::StateMachine")
    assert policy["Statement"] == [
        {"Action": "states:StartExecution", "Effect": "Allow", "Resource": {"Ref": machine}}
    ]


def test_every_end_of_a_run_is_mailed(watched: Synthesis) -> None:
    found = [rule(watched, name) for name in ("Scored", "NotScored", "Stopped")]

    statuses = [status for one in found for status in one["EventPattern"]["detail"]["status"]]
    assert sorted(statuses) == ["ABORTED", "FAILED", "SUCCEEDED", "TIMED_OUT"]
    topic, _ = watched.only("AWS::SNS::Topic")
    for one in found:
        [target] = one["Targets"]
        assert target["Arn"] == {"Ref": topic}
        named = target["InputTransformer"]["InputPathsMap"]
        assert all(f"<{name}>" in target["InputTransformer"]["InputTemplate"] for name in named)
        # Which file it is about.
        assert named["input"] == "$.detail.input"


def test_without_an_inbox_the_bucket_sends_no_events(synthesizer: Synthesizer) -> None:
    stack = synthesizer.one(is_validated=True, hosting="lambda", scoring_data="own")

    assert "NotificationConfiguration" not in stack.by_path("Artifacts/Bucket/Resource")["Properties"]
