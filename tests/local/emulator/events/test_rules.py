"""Rules: patterns of alternatives and of fields in arrays, and input transformers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.local_aws import LocalAws

DEPLOYMENT = {"Variants": [{"Name": "primary", "Status": [{"Status": "Deleting"}]}]}


@pytest.fixture
def queue(aws: LocalAws, bucket: str) -> Iterator[str]:
    """The ARN of a queue of the test's name; the rule of the same name is deleted after the test."""
    sqs, events = aws.client("sqs"), aws.client("events")
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    yield str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])
    events.remove_targets(Rule=bucket, Ids=["queue"])
    events.delete_rule(Name=bucket)
    sqs.delete_queue(QueueUrl=url)


def delivered(aws: LocalAws, queue: str, *details: dict[str, Any], rule: Any, **target: Any) -> list[str]:
    """Sends events, and returns what the rule delivers of them."""
    name = queue.rpartition(":")[2]
    events, sqs = aws.client("events"), aws.client("sqs")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name], "detail": rule}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": queue, **target}])
    for detail in details:
        events.put_events(Entries=[{"Source": name, "DetailType": "any", "Detail": json.dumps(detail)}])
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in found]


def test_a_pattern_matches_fields_in_arrays_and_one_of_several_alternatives(
    aws: LocalAws, queue: str
) -> None:
    in_arrays = {"Pending": {"Variants": {"Status": {"Status": ["Deleting"]}}}}
    rule = {"$or": [in_arrays, {"EndpointStatus": ["FAILED"]}]}
    sent: list[dict[str, Any]] = [
        {"Pending": DEPLOYMENT},
        {"EndpointStatus": "FAILED"},
        # The same status elsewhere.
        DEPLOYMENT,
        {"EndpointStatus": "IN_SERVICE", "Pending": {"Variants": [{"Status": [{"Status": "Baking"}]}]}},
    ]

    found = delivered(aws, queue, *sent, rule=rule)

    assert [json.loads(body)["detail"] for body in found] == sent[:2]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("$.detail.Pending.Variants[0].Name", "primary"),
        ("$.detail.Pending.Variants[0].Status[0].Status", "Deleting"),
        ("$.resources[0]", ""),
        ("$.detail.Pending.Variants[1].Name", ""),
    ],
)
def test_a_path_of_a_transformer_may_have_indices(aws: LocalAws, queue: str, path: str, text: str) -> None:
    transformer = {"InputPathsMap": {"found": path}, "InputTemplate": '"It is <found>."'}

    [body] = delivered(
        aws,
        queue,
        {"Pending": DEPLOYMENT},
        rule={"Pending": {"Variants": {"Name": ["primary"]}}},
        InputTransformer=transformer,
    )

    # A variable that the event does not have is left out.
    assert body == f'"It is {text}."'
