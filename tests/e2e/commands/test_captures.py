"""Captured requests: written as the role of the model, and shown by `make captures` and `make drift`."""

import json
from pathlib import Path

from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account, call
from tests.tiny_bundle import write_tiny_bundle


def test_a_captured_request_has_the_id_of_its_answer(account: Account, tmp_path: Path) -> None:
    # Given an endpoint that captures every request, and one prediction
    write_tiny_bundle(tmp_path / "model.tar.gz")
    account.deploy(tmp_path / "model.tar.gz", data_capture_percent="100")
    service = account.find()
    answer = call("POST", service.url, body={"size": 0}, key=service.api_key)

    # When the endpoint goes, which writes the last batch
    account.local("pause")

    # Then the command shows the request with its answer
    [shown] = json.loads(account.local("captures", "--json").stdout)
    assert json.loads(shown["request"]) == {"size": 0}
    assert json.loads(shown["response"]) == answer.body
    table = account.local("captures", "-n", "1").stdout.splitlines()
    assert table[0].split() == ["time", "id", "request", "response"]
    assert shown["id"] in table[1]

    # And drift reads the same row, which a bundle without reference gives no verdict
    drift = account.local("drift", "--newest", "2000", "--json", check=False)
    report = json.loads(drift.stdout)
    assert (drift.returncode, report["status"], report["window"]["rows"]) == (4, "no_reference", 1)
    assert report["window"]["versions"] == {answer.body["model"]["version"]: 1}

    # And the object is below endpoint and variant, written with the permission of the model's role
    s3, bucket = account.aws.client("s3"), account.outputs()["ArtifactBucket"]
    [found] = s3.list_objects_v2(Bucket=bucket, Prefix="captures/Tiny/primary/")["Contents"]
    assert found["Key"].endswith(".jsonl")
    decisions = fetch_decisions(account.aws)
    assert decisions.refused == []
    unused = [grant["role"] for grant in decisions.unused if grant["action"] == "s3:PutObject"]
    assert not any(role.startswith("ModelHostedRole") for role in unused)
