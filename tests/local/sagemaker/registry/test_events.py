"""Events of model packages on the default event bus, delivered to the target of a rule."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.polling import until
from tests.local.sagemaker.registry.conftest import Group

Received = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def received(aws: LocalAws, group: Group) -> Iterator[Received]:
    """Returns the events of the group's versions since the last call."""
    sqs, events, name = aws.client("sqs"), aws.client("events"), group.name
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": [name]},
    }
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])

    def received() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    yield received
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)
    sqs.delete_queue(QueueUrl=url)


def test_a_version_and_each_change_of_its_approval_raise_an_event(received: Received, group: Group) -> None:
    arn = group.add(
        ModelPackageDescription="any",
        InferenceSpecification={"Containers": [{"ModelDataUrl": "s3://b/k"}]},
    )
    update = group.sagemaker.update_model_package
    update(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="by Ada")
    update(ModelPackageArn=arn, ApprovalDescription="by Ada, again")
    update(ModelPackageArn=arn, ModelApprovalStatus="Rejected")
    events: list[dict[str, Any]] = []

    def all_received() -> bool:
        events.extend(received())
        return len(events) >= 3

    until(all_received)
    events.sort(key=lambda event: event["detail"]["LastModifiedTime"])
    assert [event["detail"]["ModelApprovalStatus"] for event in events] == [
        "PendingManualApproval",
        "Approved",
        "Rejected",
    ]
    detail = events[0]["detail"]
    assert events[0]["resources"] == [detail["ModelPackageArn"]] == [arn]
    assert detail["ModelPackageVersion"] == 1
    assert detail["ModelPackageStatus"] == "Completed"
    assert detail["InferenceSpecification"] == {"Containers": [{"ModelDataUrl": "s3://b/k"}]}
    assert detail["ModelPackageDescription"] == "any"
    assert received() == []
