import json
import re
from typing import Any

import pytest

from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer

ALARM, TOPIC, BUDGET = "AWS::CloudWatch::Alarm", "AWS::SNS::Topic", "AWS::Budgets::Budget"
EMAIL = "team@example.com"


@pytest.fixture(scope="module")
def watched(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(alarm_email=EMAIL, budget="150")


def own_alarms(stack: Synthesis) -> dict[str, dict[str, Any]]:
    """The alarms of API and invoker, by the ends of their paths."""
    return {
        path.split("/")[2]: alarm["Properties"]
        for alarm in stack.all(ALARM).values()
        if "/Alarms/" in (path := alarm["Metadata"]["aws:cdk:path"])
    }


def widgets(stack: Synthesis) -> list[dict[str, Any]]:
    body = stack.properties("AWS::CloudWatch::Dashboard")["DashboardBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    text = "".join(part if isinstance(part, str) else "token" for part in parts)
    found: list[dict[str, Any]] = json.loads(text)["widgets"]
    return found


def statement(policy: dict[str, Any], action: str) -> dict[str, Any]:
    [found] = [
        one
        for one in policy["Statement"]
        if action in str(one["Action"]) and one["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    ]
    return dict(found)


def test_api_and_invoker_have_alarms_with_and_without_an_address(
    stack: Synthesis, watched: Synthesis
) -> None:
    for synthesis in (stack, watched):
        alarms = own_alarms(synthesis)
        assert {name: alarm["MetricName"] for name, alarm in alarms.items()} == {
            "ApiErrors": "5XXError",
            "ApiLatency": "Latency",
            "InvokerErrors": "Errors",
            "InvokerThrottles": "Throttles",
        }
        assert alarms["ApiLatency"]["ExtendedStatistic"] == "p99"
        assert {alarm["TreatMissingData"] for alarm in alarms.values()} == {"notBreaching"}


def test_alarms_watch_this_api_and_this_function(stack: Synthesis) -> None:
    alarms = own_alarms(stack)

    stage = {"Name": "Stage", "Value": {"Ref": stack.only("AWS::ApiGateway::Stage")[0]}}
    assert stage in alarms["ApiErrors"]["Dimensions"]
    assert {"Name": "ApiName", "Value": "Tiny"} in alarms["ApiErrors"]["Dimensions"]
    [function] = alarms["InvokerErrors"]["Dimensions"]
    path = stack.template["Resources"][function["Value"]["Ref"]]["Metadata"]["aws:cdk:path"]
    assert path == "Tiny/Api/Invoker/Function/Resource"


def test_without_an_address_alarms_have_no_actions(stack: Synthesis) -> None:
    assert stack.all(TOPIC) == {}
    assert not any("AlarmActions" in alarm["Properties"] for alarm in stack.all(ALARM).values())


def test_alarms_are_mailed_in_alarm_and_ok_state(watched: Synthesis) -> None:
    topic, _ = watched.only(TOPIC)

    notifying = [a["Properties"] for a in watched.all(ALARM).values() if "AlarmActions" in a["Properties"]]
    assert len(notifying) > len(own_alarms(watched))
    assert all(alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}] for alarm in notifying)
    subscription = watched.properties("AWS::SNS::Subscription")
    assert subscription == {"Protocol": "email", "Endpoint": EMAIL, "TopicArn": {"Ref": topic}}


def test_the_topic_is_encrypted_and_admits_alarms_of_this_account_only(watched: Synthesis) -> None:
    key, resource = watched.only("AWS::KMS::Key")
    policy = watched.properties("AWS::SNS::TopicPolicy")["PolicyDocument"]
    here = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}

    assert watched.properties(TOPIC)["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    for allowed in (
        statement(policy, "sns:Publish"),
        statement(resource["Properties"]["KeyPolicy"], "kms:Decrypt"),
    ):
        assert (allowed["Effect"], allowed["Condition"]) == ("Allow", here)
    [refused] = [one for one in policy["Statement"] if one["Effect"] == "Deny"]
    assert refused["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("hosting", ["realtime", "serverless", "lambda"])
def test_the_dashboard_shows_the_path_of_a_request_from_left_to_right(stacks: Stacks, hosting: str) -> None:
    first, *graphs = widgets(stacks("dev", hosting))

    assert first["type"] == "alarm"
    way = sorted((graph["y"], graph["x"], graph["properties"]["title"][0]) for graph in graphs)
    rows = {y: [number for row, _, number in way if row == y] for y, _, _ in way}
    assert all(numbers == sorted(numbers) for numbers in rows.values())
    assert next(iter(rows.values())) == ["1", "2", "3"]
    assert max(graph["x"] + graph["width"] for graph in graphs) <= 24


def test_the_dashboard_shows_every_alarm_and_its_threshold(stack: Synthesis) -> None:
    first, *graphs = widgets(stack)

    operational = [one for one in stack.all(ALARM) if re.search(r"^(Alarms|Model)", one)]
    assert len(first["properties"]["alarms"]) >= len(own_alarms(stack))
    assert len(first["properties"]["alarms"]) <= len(operational)
    drawn = [
        line["value"]
        for graph in graphs
        for line in graph["properties"].get("annotations", {}).get("horizontal", [])
    ]
    assert own_alarms(stack)["ApiLatency"]["Threshold"] in drawn


def test_dashboards_of_two_regions_do_not_share_a_name(stack: Synthesis) -> None:
    name = stack.properties("AWS::CloudWatch::Dashboard")["DashboardName"]

    assert name == {"Fn::Join": ["", ["Tiny-", {"Ref": "AWS::Region"}]]}


def test_a_budget_notifies_at_80_percent_and_on_a_forecast_above_it(
    watched: Synthesis, stack: Synthesis
) -> None:
    budget = watched.properties(BUDGET)

    assert stack.all(BUDGET) == {}
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 150, "Unit": "USD"}
    notifications = budget["NotificationsWithSubscribers"]
    assert [
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"]) for one in notifications
    ] == [
        ("ACTUAL", 80),
        ("FORECASTED", 100),
    ]
    assert all(
        one["Subscribers"] == [{"Address": EMAIL, "SubscriptionType": "EMAIL"}] for one in notifications
    )
