"""The monitor of a deployed function: captures and outcomes become metrics, alarms, a page, a retraining."""

import json
from pathlib import Path
from typing import Any

import urllib3

from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account
from tests.e2e.support.mailbox import subscribe
from tests.e2e.support.permissions import unlisted
from tests.local.polling import until
from tests.reference import REFERENCE
from tests.tiny_bundle import write_tiny_bundle

# Far from the sizes that training saw.
SHIFTED = {"size": 99, "kind": "ant"}


def test_shifted_requests_and_their_outcomes_are_told(account: Account, tmp_path: Path) -> None:
    # Given a function that captures its requests, and its monitor
    write_tiny_bundle(tmp_path / "model.tar.gz", reference=REFERENCE)
    outputs = account.deploy(
        tmp_path / "model.tar.gz",
        hosting="lambda",
        data_capture_percent="100",
        monitor="daily",
        retrain="drift",
        data="own",
        alarm_email="team@example.com",
    )
    [topic] = [found["TopicArn"] for found in account.aws.client("sns").list_topics()["Topics"]]
    messages = subscribe(account, topic)
    s3, bucket = account.aws.client("s3"), outputs["ArtifactBucket"]

    # When a request with other rows is answered and captured, and what happened to two of them is known
    answered: list[str] = []

    def is_answered() -> bool:
        answered.extend(predict(account, [SHIFTED] * 300))
        return bool(answered)

    until(is_answered, pause=1.0)
    [request_id] = answered

    def is_captured() -> bool:
        pages = s3.list_objects_v2(Bucket=bucket, Prefix=f"captures/{outputs['EndpointName']}/primary/")
        found = [
            s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode()
            for entry in pages.get("Contents", ())
        ]
        if request_id in "".join(found):
            return True
        # A later call writes what waits for a batch, if another one was written before.
        predict(account, [SHIFTED])
        return False

    until(is_captured, pause=1.0)
    outcomes = f"request_id,row,outcome\n{request_id},0,yes\n{request_id},299,no\n{request_id},0,maybe\n"
    s3.put_object(Bucket=bucket, Key="outcomes/week.csv", Body=outcomes.encode())

    # And the monitor runs
    called = account.aws.client("lambda").invoke(FunctionName=outputs["MonitorFunction"], Payload=b"{}")
    assert "FunctionError" not in called, called["Payload"].read()
    answer = json.loads(called["Payload"].read())

    # Then it has found the drift, and joined the outcomes
    assert (answer["drift"], answer["outcomes"]) == ("drift", "too_few")
    page = s3.get_object(Bucket=bucket, Key=answer["page"])["Body"].read().decode()
    assert "there are 2 outcomes of 1 day" in page
    assert "outcomes/week.csv, line 4: outcome is" in page

    # And the alarm is raised and mailed
    raised: set[str] = set()

    def is_mailed() -> bool:
        mails = [json.loads(message) for message in messages()]
        raised.update(mail["AlarmDescription"] for mail in mails if mail.get("NewStateValue") == "ALARM")
        # A busy machine can raise other alarms: those on slow answers.
        return "The model's requests have drifted." in raised

    until(is_mailed)

    # And it has started a retraining, which finds no new rows
    states, ended = account.aws.client("stepfunctions"), list[dict[str, Any]]()

    def is_retrained() -> bool:
        started = states.list_executions(stateMachineArn=outputs["RetrainingArn"])["executions"]
        found = [states.describe_execution(executionArn=one["executionArn"]) for one in started]
        ended.extend(
            one
            for one in found
            if json.loads(one["input"]).get("because") == "drift" and one["status"] != "RUNNING"
        )
        return bool(ended)

    until(is_retrained)
    assert (ended[0]["status"], json.loads(ended[0]["output"])["outcome"]) == ("SUCCEEDED", "nothing-to-do")

    # And each permission was needed, and none was missing
    decisions = fetch_decisions(account.aws)
    assert decisions.refused == []
    unused = unlisted(decisions, stack="Tiny")
    assert [grant for grant in unused if grant[0].startswith(("MonitorRole", "ModelRole"))] == []


def predict(account: Account, rows: list[dict[str, Any]]) -> list[str]:
    """Requests predictions; returns the request's id, or nothing when a cold start took too long."""
    service = account.find()
    answer = urllib3.request(
        "POST",
        service.url,
        body=json.dumps({"instances": rows}).encode(),
        headers={"content-type": "application/json", "x-api-key": service.api_key or ""},
        timeout=60,
    )
    assert answer.status in (200, 504), answer.data
    return [str(answer.headers["x-request-id"])] if answer.status == 200 else []
