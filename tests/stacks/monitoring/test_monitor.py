"""The monitor: its function, schedule, permissions and alarms."""

from typing import Any

import pytest

from bundle.cloudwatch_metrics import DRIFTED_FIELDS, PROMISE_BROKEN
from function_zip.contents import MONITOR, contents_digest
from function_zip.lambda_platform import LAMBDA
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

FUNCTION = "Monitor/Function/Resource"


@pytest.fixture(scope="module")
def monitored(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(
        is_validated=True,
        hosting="lambda",
        data_capture_percent="100",
        monitor="daily",
        alarm_email="team@example.com",
    )


def properties(stack: Synthesis, path: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.by_path(path)["Properties"]
    return found


def test_a_stack_has_no_monitor_by_default(stacks: Stacks) -> None:
    for hosting in ("realtime", "serverless", "lambda"):
        template = stacks("prod", hosting).template
        assert "monitoring.scheduled" not in str(template["Resources"])
        assert "MonitorFunction" not in template["Outputs"]


@pytest.mark.slow
def test_it_runs_a_zip_of_its_own(monitored: Synthesis) -> None:
    function = properties(monitored, FUNCTION)

    commands = [asset["source"].get("executable") for asset in monitored.assets("files")]
    assert ["python3", "-m", "function_zip", "monitor"] in commands
    assert function["Code"]["S3Key"] == contents_digest(ROOT, LAMBDA, MONITOR)
    assert (function["Handler"], function["Timeout"]) == ("monitoring.scheduled.handler.handler", 900)


def test_it_reads_the_bundle_that_serves(monitored: Synthesis, synthesizer: Synthesizer) -> None:
    served = properties(monitored, "Model/Function/Resource")["Environment"]["Variables"]
    reloaded = synthesizer.one(
        hosting="lambda",
        data_capture_percent="100",
        monitor="daily",
        bundle="s3://models/a/model.tar.gz",
        reload="60",
    )

    variables = properties(monitored, FUNCTION)["Environment"]["Variables"]
    followed = properties(reloaded, FUNCTION)["Environment"]["Variables"]

    assert variables["MODEL_DATA_URL"] == served["MODEL_DATA_URL"]
    assert followed["MODEL_DATA_URL"] == "s3://models/a/model.tar.gz"
    assert (variables["CAPTURES"], variables["OUTCOMES"], variables["PAGES"]) == (
        "captures/",
        "outcomes/",
        "monitor/",
    )


@pytest.mark.parametrize(
    ("monitor", "rate"),
    [
        ("hourly", "rate(1 hour)"),
        ("daily", "rate(24 hours)"),
        ("weekly", "rate(168 hours)"),
    ],
)
def test_each_window_is_a_week_however_often_it_is_compared(
    synthesizer: Synthesizer, monitor: str, rate: str
) -> None:
    stack = synthesizer.one(data_capture_percent="100", monitor=monitor)
    function, _ = next(
        (name, found)
        for name, found in stack.all("AWS::Lambda::Function").items()
        if found["Properties"]["Handler"].startswith("monitoring")
    )

    rule = properties(stack, "Monitor/Schedule")

    assert rule["ScheduleExpression"] == rate
    assert [target["Arn"] for target in rule["Targets"]] == [{"Fn::GetAtt": [function, "Arn"]}]
    assert properties(stack, FUNCTION)["Environment"]["Variables"]["WINDOW_HOURS"] == "168"


def test_only_its_rule_may_call_it(monitored: Synthesis) -> None:
    [permission] = [
        found["Properties"]
        for found in monitored.all("AWS::Lambda::Permission").values()
        if found["Properties"]["Principal"] == "events.amazonaws.com"
    ]

    rules = [name for name in monitored.all("AWS::Events::Rule") if "MonitorSchedule" in name]
    assert [permission["SourceArn"]] == [{"Fn::GetAtt": [name, "Arn"]} for name in rules]


def test_it_may_read_captures_and_outcomes_and_write_its_pages(monitored: Synthesis) -> None:
    bucket, _ = monitored.only("AWS::S3::Bucket")
    statements = properties(monitored, "Monitor/Role/DefaultPolicy/Resource")["PolicyDocument"]["Statement"]

    found = {
        (action, keys)
        for statement in statements
        if "s3:" in str(statement["Action"])
        for action in _listed(statement["Action"])
        for keys in _keys(statement["Resource"], bucket)
    }

    assert found == {
        ("s3:GetObject", "/models/tiny/*"),
        ("s3:GetObject", "/captures/*"),
        ("s3:GetObject", "/outcomes/*"),
        ("s3:ListBucket", ""),
        ("s3:PutObject", "/monitor/*"),
    }


def test_its_alarms_keep_their_state_between_runs_and_are_mailed(monitored: Synthesis) -> None:
    topic, _ = monitored.only("AWS::SNS::Topic")
    alarms = [properties(monitored, f"Monitor/{name}/Resource") for name in ("Drift", "Promise", "Errors")]

    assert [alarm["MetricName"] for alarm in alarms] == [DRIFTED_FIELDS, PROMISE_BROKEN, "Errors"]
    for alarm in alarms:
        assert alarm["TreatMissingData"] == "ignore"
        assert alarm["AlarmActions"] == [{"Ref": topic}]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _keys(resources: Any, bucket: str) -> list[str]:
    arn = {"Fn::GetAtt": [bucket, "Arn"]}
    return [
        "" if resource == arn else resource["Fn::Join"][1][1]
        for resource in _listed(resources)
        if resource == arn or resource["Fn::Join"][1][0] == arn
    ]
