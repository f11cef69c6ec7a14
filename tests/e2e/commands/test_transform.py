"""Whole files scored by a batch transform job: `make transform` with the model of a deployed stack."""

import json
from pathlib import Path

from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account
from tests.tiny_bundle import write_tiny_bundle


def test_a_file_is_scored_with_the_role_of_the_model(account: Account, tmp_path: Path) -> None:
    # Given a stack whose jobs may use the folder scores/, and a file with an invalid row
    write_tiny_bundle(tmp_path / "model.tar.gz")
    account.deploy(tmp_path / "model.tar.gz", scoring_data="own")
    lines = ["size,count", *(f"{row % 3},1" for row in range(3_000)), '"broken']
    (tmp_path / "rows.csv").write_text("\n".join(lines), encoding="utf-8")

    # When it is scored
    done = account.local("transform", str(tmp_path / "rows.csv"), "--options", "probabilities=true", "--json")

    # Then the costs were said, and there is a line for each row
    assert done.stderr.startswith("1 file, ")
    assert "About $0.01: 1 x ml.m5.large for 5 minutes" in done.stderr
    results = json.loads(done.stdout)
    assert (results["model"], results["files"], results["rows"], results["refused"]) == ("tiny", 1, 3_001, 1)
    assert results["version"] == account.outputs()["ModelVersion"]
    bucket, _, prefix = results["output"].removeprefix("s3://").partition("/")
    s3 = account.aws.client("s3")
    written = s3.get_object(Bucket=bucket, Key=f"{prefix}/rows.csv.out")["Body"].read().decode().splitlines()
    assert written[0] == "label,probability,probability_no,probability_yes,error"
    assert written[1] == "yes,0.5,0.5,0.5,"
    assert written[-1].startswith(",,,,must be comma-separated values")
    assert json.loads(s3.get_object(Bucket=bucket, Key=f"{prefix}/_SUCCESS")["Body"].read()) == results

    # And every permission of the jobs was needed
    decisions = fetch_decisions(account.aws)
    assert decisions.refused == []
    unused = [
        grant["action"]
        for grant in decisions.unused
        if grant["role"].startswith("ModelHostedRole") and grant["action"].startswith("s3:")
    ]
    assert unused == []

    # And an object outside of the folder is refused before a job starts
    outside = account.local("transform", f"s3://{bucket}/models/tiny", check=False)
    assert outside.returncode == 1
    assert "the only folder that the role of the model may read" in outside.stderr
