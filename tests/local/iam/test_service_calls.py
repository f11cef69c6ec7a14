"""Calls of services to each other, decided by the policy of the called resource."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local import deployment
from local.aws import LocalAws
from local.deployment import Deployment
from local.errors import PredictionError
from tests.local.iam.roles import allow, make_role, trust
from tests.local.templates.prediction_service import service

WAIT = {"Delay": 0.1, "MaxAttempts": 200}


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    name = bucket.replace("-", "")
    yield name
    aws.client("cloudformation").delete_stack(StackName=name)


def deploy(aws: LocalAws, stack: str, template: dict[str, Any]) -> Deployment:
    client = aws.client("cloudformation")
    client.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=WAIT)
    return deployment.find(aws, model=stack)


def with_permission(**properties: Any) -> dict[str, Any]:
    template = service()
    template["Resources"]["Permission"]["Properties"] |= properties
    return template


@pytest.mark.parametrize(
    "source",
    ["arn:aws:execute-api:us-east-1:000000000000:${Api}/*/POST/predict", ""],
    ids=["of the method", "any"],
)
def test_api_gateway_calls_a_function_with_its_permission(aws: LocalAws, stack: str, source: str) -> None:
    template = with_permission(**({"SourceArn": {"Fn::Sub": source}} if source else {}))

    assert json.loads(deploy(aws, stack, template).predict('{"x":1}')) == {"predictions": [{"x": 1}]}


@pytest.mark.parametrize(
    "properties",
    [
        {"SourceArn": {"Fn::Sub": "arn:aws:execute-api:us-east-1:000000000000:${Api}/*/GET/health"}},
        {"Principal": "events.amazonaws.com"},
    ],
    ids=["of another method", "of another service"],
)
def test_api_gateway_answers_500_without_the_permission(
    aws: LocalAws, stack: str, properties: dict[str, Any]
) -> None:
    found = deploy(aws, stack, with_permission(**properties))

    with pytest.raises(PredictionError, match="500 Internal Server Error: Internal server error"):
        found.predict('{"x":1}')


@pytest.mark.parametrize(("actions", "is_written"), [(("logs:*",), True), ((), False)])
def test_a_function_writes_its_log_with_its_role(
    aws: LocalAws, stack: str, actions: tuple[str, ...], is_written: bool
) -> None:
    role = make_role(aws, trust("lambda"), *([allow(*actions)] if actions else []))
    template = service()
    template["Resources"]["Function"]["Properties"]["Role"] = role
    found = deploy(aws, stack, template)

    found.predict('{"x":1}')

    [function] = aws.client("lambda").list_functions()["Functions"][-1:]
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{stack}")["logGroups"]
    assert bool(groups) == is_written, function["FunctionName"]


def statement(principal: str, *actions: str, **condition: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": list(actions),
        "Resource": "*",
        **condition,
    }


def of_account(account: str) -> dict[str, Any]:
    return {"Condition": {"StringEquals": {"aws:SourceAccount": account}}}


class AlarmedTopic:
    """A topic with a queue behind it, and an alarm that publishes to it."""

    def __init__(self, aws: LocalAws, name: str, *, policy: Any, key: str = "") -> None:
        self._cloudwatch, self._sqs = aws.client("cloudwatch"), aws.client("sqs")
        sns = aws.client("sns")
        attributes = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": policy})}
        topic = sns.create_topic(Name=name, Attributes=attributes | ({"KmsMasterKeyId": key} if key else {}))[
            "TopicArn"
        ]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        queue_arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        allowed = statement("sns.amazonaws.com", "sqs:SendMessage")
        self._sqs.set_queue_attributes(
            QueueUrl=self._queue,
            Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allowed]})},
        )
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
        self._name = name
        self._cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Test",
            MetricName=name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[topic],
        )

    def raise_alarm(self) -> list[str]:
        """Raises the alarm; returns the messages of the queue."""
        self._cloudwatch.set_alarm_state(AlarmName=self._name, StateValue="ALARM", StateReason="test")
        found = self._sqs.receive_message(QueueUrl=self._queue, WaitTimeSeconds=1)
        return [message["Body"] for message in found.get("Messages", ())]


def test_an_alarm_publishes_to_a_topic_whose_policy_lets_it(aws: LocalAws, bucket: str) -> None:
    allowed = statement("cloudwatch.amazonaws.com", "sns:Publish", **of_account("000000000000"))

    assert AlarmedTopic(aws, bucket, policy=[allowed]).raise_alarm()


@pytest.mark.parametrize(
    "refused",
    [
        statement("cloudwatch.amazonaws.com", "sns:Publish", **of_account("111122223333")),
        statement("events.amazonaws.com", "sns:Publish"),
    ],
    ids=["of another account", "of another service"],
)
def test_an_alarm_does_not_publish_without_the_policy(
    aws: LocalAws, bucket: str, refused: dict[str, Any]
) -> None:
    assert AlarmedTopic(aws, bucket, policy=[refused]).raise_alarm() == []


@pytest.mark.parametrize(("allows", "messages"), [(True, 1), (False, 0)])
def test_an_alarm_needs_the_key_of_an_encrypted_topic(
    aws: LocalAws, bucket: str, allows: bool, messages: int
) -> None:
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    alarms = statement("cloudwatch.amazonaws.com", "kms:Decrypt", "kms:GenerateDataKey*")
    policy = {"Version": "2012-10-17", "Statement": [root, *([alarms] if allows else [])]}
    key = aws.client("kms").create_key(Policy=json.dumps(policy))["KeyMetadata"]["Arn"]
    topic = AlarmedTopic(aws, bucket, policy=[statement("cloudwatch.amazonaws.com", "sns:Publish")], key=key)

    assert len(topic.raise_alarm()) == messages
