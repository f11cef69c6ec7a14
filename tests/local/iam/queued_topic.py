"""Topics with a queue behind them, keys, and statements of their policies."""

import json
from typing import Any

from local.local_aws import LocalAws
from tests.local.iam.roles import policy


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


def make_key(aws: LocalAws, *statements: dict[str, Any]) -> str:
    """Makes a key whose policy has these statements and the one of the account; returns its ARN."""
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    made = aws.client("kms").create_key(Policy=json.dumps(policy(root, *statements)))
    return str(made["KeyMetadata"]["Arn"])


class QueuedTopic:
    """A topic with a queue behind it.

    Attributes:
        aws: AWS on this machine.
        name: Name of both.
        arn: The topic's ARN.
    """

    def __init__(self, aws: LocalAws, name: str, *, policy: list[dict[str, Any]], key: str = "") -> None:
        self.aws, self.name = aws, name
        self._sqs, sns = aws.client("sqs"), aws.client("sns")
        attributes = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": policy})}
        self.arn: str = sns.create_topic(
            Name=name, Attributes=attributes | ({"KmsMasterKeyId": key} if key else {})
        )["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        allowed = statement("sns.amazonaws.com", "sqs:SendMessage")
        self._sqs.set_queue_attributes(
            QueueUrl=self._queue,
            Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allowed]})},
        )
        endpoint = f"arn:aws:sqs:us-east-1:000000000000:{name}"
        sns.subscribe(TopicArn=self.arn, Protocol="sqs", Endpoint=endpoint)

    def messages(self) -> list[str]:
        """Returns the bodies in the queue, each of which has the topic's message."""
        found = self._sqs.receive_message(QueueUrl=self._queue, WaitTimeSeconds=1)
        return [message["Body"] for message in found.get("Messages", ())]
