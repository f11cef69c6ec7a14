"""Queue behind a topic, in the place of a mailbox."""

import json
from collections.abc import Callable
from typing import Any

from tests.e2e.support.account import Account
from tests.local.iam.roles import policy

_QUEUE = "mailbox"


def subscribe(account: Account, topic: str) -> Callable[[], list[str]]:
    """Creates a queue behind a topic; returns a function that reads the messages since its last call."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
    }
    sqs = account.aws.client("sqs")
    queue = sqs.create_queue(QueueName=_QUEUE, Attributes={"Policy": json.dumps(policy(statement))})[
        "QueueUrl"
    ]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{_QUEUE}"
    account.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def messages() -> list[str]:
        found = list[Any]()
        while page := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            found += page
            for one in page:
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=one["ReceiptHandle"])
        return [str(json.loads(one["Body"])["Message"]) for one in found]

    return messages
