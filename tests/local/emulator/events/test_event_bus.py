"""Events of SageMaker on the default event bus, delivered to the target of a rule."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local.local_aws import LocalAws
from tests.local.conftest import make_config
from tests.local.polling import until


@pytest.fixture
def queue(aws: LocalAws, bucket: str) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Returns the events of SageMaker endpoints since the last call."""
    sqs, events = aws.client("sqs"), aws.client("events")
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.sagemaker"], "detail": {"EndpointName": [bucket]}}
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "queue", "Arn": arn}])

    def received() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]

    yield received
    events.remove_targets(Rule=bucket, Ids=["queue"])
    events.delete_rule(Name=bucket)
    sqs.delete_queue(QueueUrl=url)


def test_a_rule_delivers_the_stages_of_an_update_in_their_order(
    queue: Callable[[], list[dict[str, Any]]],
    endpoint: str,
    sagemaker: Any,
    upload: Callable[..., str],
) -> None:
    make_config(sagemaker, f"{endpoint}-two", upload("two"))
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=f"{endpoint}-two")
    events: list[dict[str, Any]] = []

    def in_service() -> bool:
        events.extend(queue())
        return bool(events) and [event["detail"]["EndpointConfigName"] for event in events][-1].endswith(
            "-two"
        )

    until(in_service)

    kinds = [event["detail-type"].removeprefix("SageMaker Endpoint ") for event in events]
    # The endpoint may have come into service after the rule existed.
    first = kinds.index("Deployment State Change") - 1
    assert kinds[first:] == [
        "State Change",
        *["Deployment State Change"] * 3,
        "State Change",
    ]
    assert [event["detail"]["EndpointStatus"] for event in events[first:]] == ["UPDATING"] * 4 + [
        "IN_SERVICE"
    ]
    assert events[-1]["resources"] == [f"arn:aws:sagemaker:us-east-1:000000000000:endpoint/{endpoint}"]
    assert events[-1]["source"] == "aws.sagemaker"


def test_nobody_else_sends_events_of_an_aws_service(aws: LocalAws) -> None:
    entry = {"Source": "aws.sagemaker", "DetailType": "SageMaker Endpoint State Change", "Detail": "{}"}

    answer = aws.client("events").put_events(Entries=[entry])

    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
