"""Alarms in a running emulator: from a metric to the topic, the event and back; and what is refused."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.iam.roles import policy
from tests.local.polling import until

ACCOUNT_ARN = "us-east-1:000000000000"
ALARM = {
    "Namespace": "Own",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "Period": 10,
    "EvaluationPeriods": 1,
    "Threshold": 0.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}
RAISED, ENDED = "Alarm updated from OK to ALARM", "Alarm updated from ALARM to OK"


@pytest.fixture
def cloudwatch(aws: LocalAws) -> Any:
    return aws.client("cloudwatch")


@pytest.fixture
def put(cloudwatch: Any, bucket: str) -> Iterator[Callable[..., str]]:
    """Puts an alarm on the errors of a kind; returns its name."""
    names = []

    def put(kind: str, **members: Any) -> str:
        names.append(f"{bucket}-{kind}")
        dimensions = [{"Name": "Kind", "Value": names[-1]}]
        cloudwatch.put_metric_alarm(AlarmName=names[-1], Dimensions=dimensions, **{**ALARM, **members})
        return names[-1]

    yield put
    cloudwatch.delete_alarms(AlarmNames=names)


def described(cloudwatch: Any, name: str) -> Any:
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return alarm


def record(cloudwatch: Any, name: str) -> None:
    """Puts one error of an alarm's own kind."""
    datum = {"MetricName": "Errors", "Dimensions": [{"Name": "Kind", "Value": name}], "Value": 1.0}
    cloudwatch.put_metric_data(Namespace="Own", MetricData=[datum])


def allowed(service: str, action: str) -> str:
    """A policy that lets a service do an action, over TLS only."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": "*"}
    insecure = {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    return json.dumps(policy(statement, {**insecure, "Action": action, "Resource": "*"}))


def in_state(cloudwatch: Any, name: str, state: str) -> Callable[[], bool]:
    return lambda: described(cloudwatch, name)["StateValue"] == state


def history(cloudwatch: Any, name: str) -> list[str]:
    """The changes of an alarm, the newest first. A poll may miss a state, which lasts half a second."""
    found = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")
    return [item["HistorySummary"] for item in found["AlarmHistoryItems"]]


def test_an_alarm_is_raised_by_its_own_dimension_only_and_ends(
    aws: LocalAws, cloudwatch: Any, put: Callable[..., str], bucket: str
) -> None:
    # Given two alarms on the same metric of different dimensions, a queue behind the topic of one of them
    sqs, sns = aws.client("sqs"), aws.client("sns")
    queue = sqs.create_queue(
        QueueName=bucket, Attributes={"Policy": allowed("sns.amazonaws.com", "sqs:SendMessage")}
    )["QueueUrl"]
    topic = sns.create_topic(
        Name=bucket, Attributes={"Policy": allowed("cloudwatch.amazonaws.com", "sns:Publish")}
    )["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{ACCOUNT_ARN}:{bucket}")
    name, other = put("own", AlarmActions=[topic], OKActions=[topic]), put("other")
    for one in (name, other):
        until(in_state(cloudwatch, one, "OK"))

    # When the other has an error, then this one stays
    record(cloudwatch, other)
    until(lambda: RAISED in history(cloudwatch, other))
    assert RAISED not in history(cloudwatch, name)

    # When this one has an error, then it is raised, and ends when the error is old
    record(cloudwatch, name)
    until(lambda: ENDED in history(cloudwatch, name))
    assert history(cloudwatch, name)[:2] == [ENDED, RAISED]

    # And the topic has a message of each change
    messages: list[Any] = []

    def receive() -> bool:
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", ())
        messages.extend(json.loads(json.loads(one["Body"])["Message"]) for one in found)
        return len(messages) >= 3

    until(receive)
    changed = [(message["OldStateValue"], message["NewStateValue"]) for message in messages]
    assert changed == [("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM"), ("ALARM", "OK")]
    assert {message["AlarmName"] for message in messages} == {name}
    assert "[1.0 (" in messages[1]["NewStateReason"]


def test_a_rule_of_eventbridge_gets_each_change(
    aws: LocalAws, cloudwatch: Any, put: Callable[..., str], bucket: str
) -> None:
    sqs, events = aws.client("sqs"), aws.client("events")
    queue = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    pattern = {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": [f"{bucket}-own"], "state": {"value": ["ALARM"]}},
    }
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{ACCOUNT_ARN}:{bucket}"}])
    name = put("own")

    record(cloudwatch, name)

    received: list[Any] = []

    def receive() -> bool:
        received.extend(sqs.receive_message(QueueUrl=queue).get("Messages", ()))
        return bool(received)

    until(receive)
    event = json.loads(received[0]["Body"])
    assert event["resources"] == [f"arn:aws:cloudwatch:{ACCOUNT_ARN}:alarm:{name}"]
    assert event["detail"]["state"]["value"] == "ALARM"


def test_a_state_that_was_set_ends_at_the_next_evaluation(cloudwatch: Any, put: Callable[..., str]) -> None:
    name = put("own")
    until(in_state(cloudwatch, name, "OK"))

    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a rehearsal")

    until(in_state(cloudwatch, name, "OK"))
    assert RAISED in history(cloudwatch, name)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Period": 45}, "Period must be 10, 20, 30 or a multiple of 60"),
        (
            {"ComparisonOperator": "LessThanLowerThreshold"},
            "AWS on this machine evaluates the comparison operators",
        ),
        (
            {"Statistic": None, "ExtendedStatistic": "tm99"},
            "evaluates percentiles such as p99 only, and not tm99",
        ),
        ({"MetricName": None}, "evaluates alarms on one metric only: give MetricName and Namespace"),
    ],
)
def test_an_alarm_that_is_not_evaluated_is_refused(
    cloudwatch: Any, members: dict[str, Any], message: str
) -> None:
    given = {name: value for name, value in {**ALARM, **members}.items() if value is not None}

    with pytest.raises(ClientError, match=message) as raised:
        cloudwatch.put_metric_alarm(AlarmName="refused", **given)

    assert raised.value.response["Error"]["Code"] == "ValidationError"


def test_an_alarm_of_a_template_that_is_not_evaluated_fails_the_stack(aws: LocalAws, bucket: str) -> None:
    cloudformation = aws.client("cloudformation")
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {**ALARM, "Period": 45}}

    cloudformation.create_stack(StackName=bucket, TemplateBody=json.dumps({"Resources": {"Alarm": alarm}}))

    def reasons() -> list[str]:
        events = cloudformation.describe_stack_events(StackName=bucket)["StackEvents"]
        return [event.get("ResourceStatusReason", "") for event in events]

    until(lambda: any("Period must be 10, 20, 30 or a multiple of 60" in reason for reason in reasons()))
