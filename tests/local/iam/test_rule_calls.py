"""Rules of EventBridge publish to a topic when its policy, and that of its key, let them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.iam_decisions import fetch_decisions
from local.local_aws import LocalAws
from tests.local.iam.queued_topic import QueuedTopic, make_key, of_account, statement

EVENTS = "events.amazonaws.com"


@pytest.fixture
def rule(aws: LocalAws, bucket: str) -> Iterator[str]:
    """A rule that matches the events of its own name."""
    events = aws.client("events")
    events.put_rule(Name=bucket, EventPattern=json.dumps({"source": [bucket]}))
    yield bucket
    events.remove_targets(Rule=bucket, Ids=["topic"])
    events.delete_rule(Name=bucket)


def published(topic: QueuedTopic) -> list[str]:
    """Sends an event that the rule of the topic's name publishes; returns the messages that arrive."""
    events = topic.aws.client("events")
    events.put_targets(Rule=topic.name, Targets=[{"Id": "topic", "Arn": topic.arn, "Input": '"a text"'}])
    events.put_events(Entries=[{"Source": topic.name, "DetailType": "any", "Detail": "{}"}])
    return [json.loads(body)["Message"] for body in topic.messages()]


def test_a_rule_publishes_to_a_topic_whose_policy_lets_eventbridge(aws: LocalAws, rule: str) -> None:
    topic = QueuedTopic(aws, rule, policy=[statement(EVENTS, "sns:Publish")])

    assert published(topic) == ['"a text"']


@pytest.mark.parametrize(
    "refused",
    [
        statement("cloudwatch.amazonaws.com", "sns:Publish"),
        statement(EVENTS, "sns:Publish", **of_account("000000000000")),
        statement(
            EVENTS,
            "sns:Publish",
            Condition={"ArnLike": {"aws:SourceArn": "arn:aws:events:us-east-1:000000000000:rule/*"}},
        ),
    ],
    ids=["another service", "an account", "a rule"],
)
def test_a_rule_does_not_publish_by_another_statement_or_one_with_a_condition(
    aws: LocalAws, rule: str, refused: dict[str, Any]
) -> None:
    """ "You can't use Condition blocks in Amazon SNS topic policies for EventBridge"."""
    topic = QueuedTopic(aws, rule, policy=[refused])

    assert published(topic) == []
    [decision] = [row for row in fetch_decisions(aws).refused if row["resource"] == topic.arn]
    assert (decision["caller"], decision["action"]) == (EVENTS, "sns:Publish")


@pytest.mark.parametrize(("allows", "messages"), [(True, 1), (False, 0)])
def test_a_rule_needs_the_key_of_an_encrypted_topic(
    aws: LocalAws, rule: str, allows: bool, messages: int
) -> None:
    rules = statement(EVENTS, "kms:Decrypt", "kms:GenerateDataKey*")
    key = make_key(aws, *([rules] if allows else []))
    topic = QueuedTopic(aws, rule, policy=[statement(EVENTS, "sns:Publish")], key=key)

    assert len(published(topic)) == messages
