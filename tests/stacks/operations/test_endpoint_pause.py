"""The template of a service that may be paused, and the alarm of an endpoint that nobody asks."""

from typing import Any

import pytest

from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

IDLE = "Model/Idle/Alarm/Resource"


def alarm(synthesis: Synthesis, path: str = IDLE) -> dict[str, Any]:
    properties: dict[str, Any] = synthesis.by_path(path)["Properties"]
    return properties


def test_only_endpoint_its_check_and_autoscaling_go_while_the_service_is_paused(stacks: Stacks) -> None:
    prod = stacks("prod", "realtime")

    going = {found["Type"] for found in prod.template["Resources"].values() if "Condition" in found}

    assert going == {
        "AWS::SageMaker::Endpoint",
        # The check of what the endpoint serves, with its permission.
        "Custom::ServedConfiguration",
        "AWS::IAM::Policy",
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "AWS::ApplicationAutoScaling::ScalingPolicy",
    }
    assert prod.template["Parameters"]["Paused"]["Default"] == "false"
    assert prod.template["Conditions"]["Serves"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Paused"}, "true"]}]}


def test_the_invoker_has_the_variable_while_the_service_is_paused_only(stack: Synthesis) -> None:
    variables = stack.by_path("Api/Invoker/Function/Resource")["Properties"]["Environment"]["Variables"]

    assert variables["PAUSED"] == {"Fn::If": ["Serves", {"Ref": "AWS::NoValue"}, "true"]}


@pytest.mark.parametrize("hosting", ["serverless", "lambda"])
def test_other_hostings_have_no_parameter_and_no_idle_alarm(stacks: Stacks, hosting: str) -> None:
    other = stacks("dev", hosting)

    assert "Paused" not in other.template["Parameters"]
    assert "make pause" not in other.text


def test_the_idle_alarm_counts_requests_by_the_hour_and_missing_ones_as_none(stack: Synthesis) -> None:
    found = alarm(stack)

    assert (found["Namespace"], found["MetricName"]) == ("AWS/SageMaker", "Invocations")
    assert (found["Statistic"], found["Period"], found["EvaluationPeriods"]) == ("Sum", 3600, 24)
    assert (found["ComparisonOperator"], found["Threshold"]) == ("LessThanThreshold", 1)
    assert found["TreatMissingData"] == {"Fn::If": ["Serves", "breaching", "notBreaching"]}


def test_the_idle_alarm_says_what_the_endpoint_costs_and_how_to_pause_it(
    stack: Synthesis, synthesizer: Synthesizer
) -> None:
    text = alarm(stack)["AlarmDescription"]
    unpriced = synthesizer.one(instance_type="ml.m7i.24xlarge")

    assert "Tiny for 24 hours" in text
    assert "83.95 dollars a month" in text
    assert "`make pause`" in text
    assert "1 x ml.m7i.24xlarge" in alarm(unpriced)["AlarmDescription"]


def test_idle_hours_of_0_is_no_alarm(synthesizer: Synthesizer) -> None:
    assert "make pause" not in synthesizer.one(idle_hours="0").text


def test_errors_of_the_api_are_not_mailed_while_it_answers_503_on_purpose(stack: Synthesis) -> None:
    enabled = alarm(stack, "Alarms/ApiErrors/Resource")["ActionsEnabled"]

    assert enabled == {"Fn::If": ["Serves", True, False]}
