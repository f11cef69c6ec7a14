"""State Notify: what a mail says of each outcome."""

import json
import uuid
from typing import Any

import pytest

from tests.lambda_src.retraining.conftest import CHALLENGER, CHAMPION, Place, Start
from tests.local.iam.roles import allow, policy

RUN = {
    "because": "manual",
    "champion": CHAMPION,
    "data": {"uri": "s3://rows/a/", "sha256": "d", "objects": 2, "bytes": 2_000_000},
}
REGISTERED = {
    "version": CHALLENGER,
    "reasons": ["Not worse."],
    "figures": {"auc": {"champion": "0.7000", "challenger": "0.7100"}},
    "verdict": "s3://bucket/verdict.html",
}


@pytest.mark.parametrize(
    ("outcome", "found", "sentence"),
    [
        ("released", {}, f"Version {CHALLENGER} serves, in the place of {CHAMPION}"),
        ("awaiting-approval", {}, f"`make promote VERSION={CHALLENGER}`"),
        ("refused", {}, f"The judge refuses version {CHALLENGER}; {CHAMPION} goes on serving."),
        (
            "undone",
            {"verification": {"reason": "A row differs."}},
            f"{CHAMPION} serves again: A row differs.",
        ),
        ("undone", {"shift": {"reason": "An alarm rang."}}, f"{CHAMPION} serves again: An alarm rang."),
        (
            "failed",
            {"error": {"Error": "States.TaskFailed", "Cause": json.dumps({"FailureReason": "No rows."})}},
            "States.TaskFailed: No rows.",
        ),
        (
            "failed",
            {
                "error": {
                    "Error": "States.TaskFailed",
                    "Cause": json.dumps(
                        {
                            "TrainingJobName": "tiny-train",
                            "TrainingJobStatus": "Stopped",
                            "SecondaryStatus": "MaxWaitTimeExceeded",
                        }
                    ),
                }
            },
            "The job tiny-train was stopped: no spot instance was free",
        ),
        ("nothing-to-do", {"mailed": True, "reason": "Another run is in progress."}, "Another run"),
    ],
)
def test_the_mail_says_what_serves_and_why(
    place: Place,
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    outcome: str,
    found: dict[str, Any],
    sentence: str,
) -> None:
    sns, sqs = place.aws.client("sns"), place.aws.client("sqs")
    topic = sns.create_topic(Name=f"{place.name}-{outcome}")["TopicArn"]
    sent = allow("sqs:SendMessage") | {"Principal": {"Service": "sns.amazonaws.com"}}
    name = f"{place.name}-{uuid.uuid4().hex[:8]}"
    queue = sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy(sent))})["QueueUrl"]
    [arn] = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"].values()
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    handler = start("notifier").handler
    monkeypatch.setenv("TOPIC", topic)

    event = {
        "outcome": outcome,
        "state": {"run": RUN, "registered": REGISTERED, **found},
        "execution": "arn:1",
    }
    told = handler(event, None)

    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    mail = json.loads(message["Body"])
    assert sentence in told["sentence"]
    assert mail["Message"].startswith(told["sentence"])
    assert mail["Subject"] == f"{place.name}: {outcome.replace('-', ' ')}"
    assert "0.7100" in mail["Message"]
    assert "2 objects of 2,000,000 bytes in s3://rows/a/" in mail["Message"]


def test_a_run_that_fails_before_it_knows_anything_is_told_too(start: Start) -> None:
    event = {
        "outcome": "failed",
        "state": {"because": "data", "error": {"Error": "ClientError", "Cause": "AccessDenied"}},
        "execution": "arn:1",
    }

    assert start("notifier").handler(event, None)["sentence"].endswith("ClientError: AccessDenied")


def test_a_run_without_anything_to_do_says_why(start: Start) -> None:
    event = {"outcome": "nothing-to-do", "state": {"reason": "There are no rows."}, "execution": "arn:1"}

    assert start("notifier").handler(event, None)["sentence"] == "There are no rows."
