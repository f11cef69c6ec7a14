"""Whole files in S3, scored by the state machine of a deployed stack: `python -m stacks.commands.score`."""

import csv
import io
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import process_environment
from local.deployments.deployment import Deployment
from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account, call, context
from tests.e2e.support.permissions import unlisted
from tests.local.polling import until
from tests.tiny_bundle import write_tiny_bundle

RANGE_BYTES = 2_000


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """The deployed tiny stack with files to score in its folder."""

    account: Account
    service: Deployment
    bucket: str

    def put(self, key: str, body: bytes) -> None:
        self.account.aws.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body)

    def get(self, key: str) -> str:
        found = self.account.aws.client("s3").get_object(Bucket=self.bucket, Key=key)
        return str(found["Body"].read().decode())

    def keys(self, prefix: str) -> list[str]:
        listed = self.account.aws.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [found["Key"] for found in listed.get("Contents", ())]

    def score(self, *words: str) -> subprocess.CompletedProcess[str]:
        settings = context(model="tiny", hosting="lambda", stack_name=self.service.stack)
        environ = process_environment.isolated(self.account.environment)
        return subprocess.run(
            [sys.executable, "-m", "stacks.commands.score", *words, *settings],
            cwd=self.account.root,
            env=environ | {"AWS_ENDPOINT_URL": self.account.aws.url},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def answers(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the API answers to the rows."""
        answer = call("POST", self.service.url, body={"instances": rows}, key=self.service.api_key)
        assert answer.status == 200, answer
        found: list[dict[str, Any]] = answer.body["predictions"]
        return found


@pytest.fixture(scope="module")
def scoring(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Scoring:
    bundle = tmp_path_factory.mktemp("bundle") / "model.tar.gz"
    write_tiny_bundle(bundle)
    outputs = account.deploy(bundle, hosting="lambda", scoring_data="own")
    return Scoring(account=account, service=account.find(), bucket=outputs["ArtifactBucket"])


def table(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text))]


# The sizes of a file that is larger than a range.
SIZES = [number % 100 / 8 for number in range(600)]
LINES = [{"size": 1, "id": 7}, {"size": 2}]


@pytest.fixture(scope="module")
def scored(scoring: Scoring) -> subprocess.CompletedProcess[str]:
    """The run that scores a small file with bad rows, JSON Lines, and a file that is larger than a range."""
    few = "id,size,kind\n1,3,ant\n2,101,ant\n3,4,ant\n4,,ant\n"
    many = "id,size,kind\n" + "".join(f"row {place},{size},ant\n" for place, size in enumerate(SIZES))
    many = many.replace("row 500,", "row 500,1000")
    assert len(many) > 3 * RANGE_BYTES
    scoring.put("scores/in/few.csv", few.encode())
    scoring.put("scores/in/lines.jsonl", "\n".join(map(json.dumps, LINES)).encode())
    scoring.put("scores/in/more/many.csv", many.encode())
    scoring.put("scores/in/_SUCCESS", b"")
    return scoring.score(
        f"s3://{scoring.bucket}/scores/in/",
        *("--name", "first", "--yes", "--json", "--range-bytes", str(RANGE_BYTES)),
    )


def test_files_are_scored_in_ranges_as_the_api_answers_and_bad_rows_fail_nothing(
    scoring: Scoring, scored: subprocess.CompletedProcess[str]
) -> None:
    # Then the command has said the dollars, and how many objects are done
    assert scored.returncode == 0, scored.stderr
    assert f"3 objects of 0.0 MB, with results in s3://{scoring.bucket}/scores/first: about 0." in (
        scored.stderr.replace("first/", "first")
    )
    assert "4 of 4 objects" in scored.stderr
    parts = scoring.keys("scores/first/more/many.part-")
    assert len(parts) > 3

    # And the counts are those of the mark _SUCCESS
    summary = json.loads(scored.stdout)
    rows = 4 + 2 + len(SIZES)
    assert summary == json.loads(scoring.get("scores/first/_SUCCESS"))
    assert summary == {
        "model": "tiny",
        "version": scoring.account.outputs()["ModelVersion"],
        "objects": 3,
        "results": 2 + len(parts),
        "rows": rows,
        "predicted": rows - 3,
        "refused": 3,
        "output": f"s3://{scoring.bucket}/scores/first/",
    }

    # And each row has the answer of the API beside its own columns
    found = table(scoring.get("scores/first/few.csv"))
    assert [row["id"] for row in found] == ["1", "2", "3", "4"]
    assert [row["label"] for row in found] == ["yes", "", "yes", ""]
    read = [json.loads(line) for line in scoring.get("scores/first/lines.jsonl").splitlines()]
    api = scoring.answers([{"size": 1}, {"size": 2}])
    assert read == [{**line, **answer} for line, answer in zip(LINES, api, strict=True)]
    joined = [row for key in parts for row in table(scoring.get(key))]
    assert [row["id"] for row in joined] == [f"row {place}" for place in range(len(SIZES))]
    valid = [place for place in range(len(SIZES)) if place != 500]
    api = scoring.answers([{"size": SIZES[place], "kind": "ant"} for place in valid])
    assert [(joined[place]["label"], float(joined[place]["probability"])) for place in valid] == [
        (answer["label"], answer["probability"]) for answer in api
    ]

    # And the refused rows are listed with their number in the file, field and rule
    refused = [row for key in scoring.keys("scores/first/_refused/") for row in table(scoring.get(key))]
    assert {(row["file"].rpartition("/in/")[2], row["row"], row["field"]) for row in refused} == {
        ("few.csv", "2", "size"),
        ("few.csv", "4", "size"),
        ("more/many.csv", "501", "size"),
    }
    assert all("must be a number from 0 to 100 cm" in row["rule"] for row in refused)


def test_an_object_that_cannot_be_scored_fails_the_run_with_its_reason(scoring: Scoring) -> None:
    # The command checks the first object only.
    scoring.put("scores/wrong/first.csv", b"size\n1\n")
    scoring.put("scores/wrong/rows.csv", b"sise\n1\n")

    source = f"s3://{scoring.bucket}/scores/wrong/"
    done = scoring.account.local("score", source, "--yes", "--name", "wrong-columns", check=False)

    assert done.returncode == 1
    reason = "scores/wrong/rows.csv has no column 'size' (did you mean its column 'sise'?)"
    assert f"The run is FAILED: {reason}" in done.stderr
    assert "Traceback" not in done.stderr
    assert "scores/wrong-columns/_SUCCESS" not in scoring.keys("scores/wrong-columns/")


def test_an_archived_object_is_refused_before_the_run_and_scored_when_it_is_restored(
    scoring: Scoring,
) -> None:
    s3, key = scoring.account.aws.client("s3"), "scores/old/rows.csv"
    s3.put_object(Bucket=scoring.bucket, Key=key, Body=b"size\n1\n", StorageClass="GLACIER")
    source = f"s3://{scoring.bucket}/scores/old/"

    refused = scoring.score(source, "--yes", "--name", "archived")

    assert refused.returncode == 1
    command = f"`aws s3api restore-object --bucket {scoring.bucket} --key '{key}' --restore-request Days=7`"
    assert (
        f"{key} has the storage class GLACIER, an archive, and no restored copy: restore it with {command}"
        in (refused.stderr)
    )

    s3.restore_object(Bucket=scoring.bucket, Key=key, RestoreRequest={"Days": 7})
    until(lambda: 'ongoing-request="false"' in s3.head_object(Bucket=scoring.bucket, Key=key)["Restore"])
    done = scoring.score(source, "--yes", "--json", "--name", "restored")
    assert json.loads(done.stdout)["predicted"] == 1, done.stderr


def test_a_run_that_may_not_write_ends_at_its_first_step(scoring: Scoring) -> None:
    s3 = scoring.account.aws.client("s3")
    scoring.put("scores/denied/rows.csv", b"size\n1\n")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{scoring.bucket}/scores/closed/*",
    }
    before = s3.get_bucket_policy(Bucket=scoring.bucket)["Policy"]
    closed = json.loads(before)
    closed["Statement"].append(statement)
    s3.put_bucket_policy(Bucket=scoring.bucket, Policy=json.dumps(closed))

    done = scoring.score(f"s3://{scoring.bucket}/scores/denied/", "--yes", "--name", "closed")

    s3.put_bucket_policy(Bucket=scoring.bucket, Policy=before)
    assert done.returncode == 1
    mark = f"s3://{scoring.bucket}/scores/closed/_parts/_begun"
    assert f"The run is FAILED: The result {mark} cannot be written: a policy of the role" in done.stderr
    assert "of 1 objects" not in done.stderr


def test_keys_with_empty_segments_and_marks_of_urls_are_scored(scoring: Scoring) -> None:
    names = (
        "/rows.csv",
        "a//b.csv",
        "../rows.csv",
        "./rows.jsonl",
        "a+b c%2Fd%.csv",
        "ü/e\u0301 日本?x=1#y.csv",
    )
    for name in names:
        body = b'{"size": 101}\n' if name.endswith("jsonl") else b"size\n101\n"
        scoring.put(f"scores/odd/{name}", body)

    done = scoring.score(f"s3://{scoring.bucket}/scores/odd/", "--yes", "--json", "--name", "of-odd")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["refused"] == len(names)
    found = {key for key in scoring.keys("scores/of-odd/") if "/_parts/" not in key}
    assert found == {
        *(f"scores/of-odd/{name}" for name in (*names, "_SUCCESS")),
        *(f"scores/of-odd/_refused/{name}.csv" for name in names),
    }


@pytest.mark.usefixtures("scored")
def test_a_run_keeps_its_version_when_another_one_is_released_before_its_end(
    scoring: Scoring, tmp_path: Path
) -> None:
    # Given a run that has begun, whose function is throttled, and which is stopped
    states, functions = (scoring.account.aws.client(name) for name in ("stepfunctions", "lambda"))
    before = scoring.account.outputs()
    names = [one["FunctionName"] for one in functions.list_functions()["Functions"]]
    [function] = [name for name in names if name.startswith(f"{scoring.service.stack}-Scoring")]
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    members = {
        "bucket": scoring.bucket,
        "prefix": "scores/in/",
        "output": "scores/over/",
        "range_bytes": RANGE_BYTES,
    }
    run = states.start_execution(stateMachineArn=before["ScoringArn"], input=json.dumps(members))[
        "executionArn"
    ]
    states.stop_execution(executionArn=run)
    functions.delete_function_concurrency(FunctionName=function)

    # When another version is released
    write_tiny_bundle(tmp_path / "model.tar.gz", weight=2.0)
    scoring.account.local("promote", "--bundle", str(tmp_path / "model.tar.gz"))
    after = scoring.account.find().outputs["ModelVersion"]
    assert after != before["ModelVersion"]

    # Then the run ends with all results, of the version that it began with
    states.redrive_execution(executionArn=run)
    until(lambda: states.describe_execution(executionArn=run)["status"] != "RUNNING")
    found = states.describe_execution(executionArn=run)
    assert found["status"] == "SUCCEEDED", (found.get("error"), found.get("cause"))
    summary, first = json.loads(found["output"]), json.loads(scoring.get("scores/first/_SUCCESS"))
    assert summary == {**first, "output": f"s3://{scoring.bucket}/scores/over/"}
    for name in ("few.csv", "lines.jsonl", "more/many.part-00002.csv"):
        assert scoring.get(f"scores/over/{name}") == scoring.get(f"scores/first/{name}")

    # And a run that begins later has the released one
    done = scoring.score(f"s3://{scoring.bucket}/scores/in/lines.jsonl", "--yes", "--json")
    assert json.loads(done.stdout)["version"] == after, done.stderr

    # And the other tests have the version that was deployed
    write_tiny_bundle(tmp_path / "first.tar.gz")
    scoring.account.local("promote", "--bundle", str(tmp_path / "first.tar.gz"))
    assert scoring.account.find().outputs["ModelVersion"] == before["ModelVersion"]


@pytest.mark.usefixtures("scored")
def test_every_permission_is_used_and_no_call_is_refused(scoring: Scoring) -> None:
    decisions = fetch_decisions(scoring.account.aws)

    found = unlisted(decisions, stack=scoring.service.stack)
    assert [grant for grant in found if grant[0].startswith("Scoring")] == []
    # A test denies the writes below scores/closed.
    assert [one for one in decisions.refused if "/scores/closed/" not in one["resource"]] == []
