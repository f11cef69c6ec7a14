"""A file in the inbox: scored when it arrives, and told by mail."""

import json
from pathlib import Path
from typing import Any

from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account
from tests.e2e.support.mailbox import subscribe
from tests.e2e.support.permissions import unlisted
from tests.local.polling import until
from tests.tiny_bundle import write_tiny_bundle

ROWS = 'inbox/year=2018/a "b"+ü.csv'


def test_a_file_in_the_inbox_is_scored_and_the_result_is_mailed(account: Account, tmp_path: Path) -> None:
    # Given a stack with an inbox
    write_tiny_bundle(tmp_path / "model.tar.gz")
    outputs = account.deploy(
        tmp_path / "model.tar.gz",
        hosting="lambda",
        scoring_data="own",
        inbox="on",
        alarm_email="team@example.com",
    )
    [topic] = [found["TopicArn"] for found in account.aws.client("sns").list_topics()["Topics"]]
    messages = subscribe(account, topic)
    s3, bucket = account.aws.client("s3"), outputs["ArtifactBucket"]

    # When two tables, another file and a folder are put into it
    s3.put_object(Bucket=bucket, Key=ROWS, Body=b"size\n1\n101\n")
    s3.put_object(Bucket=bucket, Key="inbox/note.txt", Body=b"hello")
    s3.put_object(Bucket=bucket, Key="inbox/folder/", Body=b"")
    s3.put_object(Bucket=bucket, Key="inbox/wrong.csv", Body=b"sise\n1\n")
    s3.put_object(Bucket=bucket, Key="inbox/.rows.csv.crc", Body=b"crc")

    # Then four mails say what has become of the files
    mails: list[dict[str, Any]] = []

    def has_arrived() -> bool:
        mails.extend(json.loads(message) for message in messages())
        return len(mails) >= 4

    until(has_arrived)
    [(input_, summary)] = [
        (json.loads(mail["input"]), json.loads(mail["result"])) for mail in mails if "result" in mail
    ]
    assert input_["prefix"] == ROWS
    failures = {json.loads(mail["input"])["prefix"]: mail for mail in mails if "status" in mail}
    assert (summary["rows"], summary["predicted"], summary["refused"]) == (2, 1, 1)
    assert [failures[key]["status"] for key in ("inbox/wrong.csv", "inbox/note.txt")] == ["FAILED"] * 2
    assert failures["inbox/wrong.csv"]["reason"].startswith("inbox/wrong.csv has no column 'size'")
    assert "inbox/note.txt ends in none of .csv" in failures["inbox/note.txt"]["reason"]
    assert "There is no file to score" in failures["inbox/.rows.csv.crc"]["reason"]

    # And the result is in the folder of scores
    prefix = summary["output"].removeprefix(f"s3://{bucket}/")
    assert prefix.startswith("scores/inbox/")
    body = s3.get_object(Bucket=bucket, Key=f"{prefix}{ROWS.rpartition('/')[2]}")["Body"].read().decode()
    assert body.splitlines()[0] == "size,label,probability"
    assert [line.split(",")[1] for line in body.splitlines()[1:]] == ["yes", ""]
    decisions = fetch_decisions(account.aws)
    assert [grant for grant in unlisted(decisions, stack="Tiny") if grant[0].startswith("Inbox")] == []
    assert decisions.refused == []
