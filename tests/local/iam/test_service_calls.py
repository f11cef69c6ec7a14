"""Calls of services to each other, decided by the policy of the called resource."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.deployments import deployed_stacks
from local.deployments.deployment import Deployment
from local.errors import PredictionError
from local.local_aws import LocalAws
from tests.local.deployments.prediction_service import service
from tests.local.iam.queued_topic import QueuedTopic, make_key, of_account, statement
from tests.local.iam.roles import allow, make_role, trust
from tests.local.polling import PATIENT_WAITER


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    name = bucket.replace("-", "")
    yield name
    aws.client("cloudformation").delete_stack(StackName=name)


def deploy(aws: LocalAws, stack: str, template: dict[str, Any]) -> Deployment:
    client = aws.client("cloudformation")
    client.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    return deployed_stacks.find(aws, model=stack)


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


class AlarmedTopic(QueuedTopic):
    """A topic to which an alarm publishes."""

    def raise_alarm(self) -> list[str]:
        """Raises the alarm; returns the messages of the queue."""
        cloudwatch = self.aws.client("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=self.name,
            Namespace="Test",
            MetricName=self.name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[self.arn],
        )
        cloudwatch.set_alarm_state(AlarmName=self.name, StateValue="ALARM", StateReason="test")
        return self.messages()


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
    alarms = statement("cloudwatch.amazonaws.com", "kms:Decrypt", "kms:GenerateDataKey*")
    key = make_key(aws, *([alarms] if allows else []))
    topic = AlarmedTopic(aws, bucket, policy=[statement("cloudwatch.amazonaws.com", "sns:Publish")], key=key)

    assert len(topic.raise_alarm()) == messages
