"""The command that scores files: what a run may read and write, its progress, and its result."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from stacks.commands.score.__main__ import main
from stacks.commands.score.scored_objects import ScoringPlan, ScoringRunError, make_plan
from stacks.commands.score.scoring_run import ScoringRun
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import deployed

OUTPUTS = {"ScoringFolder": "s3://rows/scores", "ScoringArn": "arn"}


class Account:
    """An account with objects, two of them a page, and the answers of Step Functions in their order."""

    def __init__(self, objects: Mapping[str, int] | None = None, **answers: list[Any]) -> None:
        self.objects = {**(objects or {})}
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def read(self, _service: str, operation: str, *, action: str, **call: Any) -> Any:  # noqa: ARG002 - the signature
        """Makes a call."""
        self.calls.append((operation, call))
        if operation == "upload_file":
            self.objects[call["Key"]] = Path(call["Filename"]).stat().st_size
            return None
        if operation != "list_objects_v2":
            answers = self.answers[operation]
            return answers.pop(0) if len(answers) > 1 else answers[0]
        keys = sorted(key for key in self.objects if key.startswith(call["Prefix"]))
        start = int(call.get("ContinuationToken", 0))
        return {
            "Contents": [{"Key": key, "Size": self.objects[key]} for key in keys[start : start + 2]],
            "IsTruncated": start + 2 < len(keys),
            "NextContinuationToken": str(start + 2),
        }

    change = read

    def patient(self) -> "Account":
        return self


def plan(account: Account, source: str = "s3://rows/scores/in/", out: str | None = None) -> ScoringPlan:
    return make_plan(account, OUTPUTS, source=source, out=out, run="now")  # type: ignore[arg-type]


def run(account: Account, progress: list[str]) -> ScoringRun:
    return ScoringRun(account, "arn", progress=progress.append, wait=lambda: None)  # type: ignore[arg-type]


def test_a_plan_has_every_object_with_rows_of_all_pages() -> None:
    keys = ["", "_SUCCESS", "a.csv", "b/c.jsonl", "b/d.ndjson.gz"]
    account = Account({f"scores/in/{key}": 5 for key in keys})

    found = plan(account)

    assert [key for key, _ in found.objects] == [
        f"scores/in/{key}" for key in ("a.csv", "b/c.jsonl", "b/d.ndjson.gz")
    ]
    assert (found.size, found.output_url) == (15, "s3://rows/scores/now/")


@pytest.mark.parametrize(
    ("source", "out", "sentence"),
    [
        ("s3://other/in/", None, "The stack may not use s3://other/in/: name a folder in s3://rows/scores/"),
        ("s3://rows/in/", None, "The stack may not use s3://rows/in/"),
        ("s3://rows/scores/in/", "s3://rows/out/", "The stack may not use s3://rows/out/"),
        ("s3://rows/scores/", None, "would be among the files of s3://rows/scores/: name a folder of files"),
        ("s3://rows/scores/in/", "s3://rows/scores/old", r"There are objects in s3://rows/scores/old/"),
        ("s3://rows/scores/none/", None, "There is no object with rows in s3://rows/scores/none/"),
        ("s3://rows/scores/wrong/", None, r"The key scores/wrong/a\.parquet ends in none of \.csv"),
        ("s3://rows/scores/huge/", None, r"a\.csv\.gz has 99,999,999 bytes, and 67,108,864 are the most"),
        ("rows/scores/in", None, r"There is no file rows/scores/in: name a file, or s3://BUCKET/PREFIX/"),
        ("s3://rows/scores/in/", "scores.csv", r"scores\.csv is no URI of S3: name s3://BUCKET/PREFIX/"),
        (
            "s3://rows/scores/in/",
            f"s3://rows/scores/{'n' * 988}/",
            r"in/a\.csv has a name that is too long by 1 bytes for the names of its results: rename it, or",
        ),
        ("s3://rows/scores/two/", None, r"results of scores/two/a\.csv and scores/two/a\.csv\.gz would"),
        (
            "s3://rows/scores/parts/",
            None,
            r"results of scores/parts/a\.part-00001\.csv and scores/parts/a\.csv",
        ),
        (
            "s3://rows/scores/i",
            None,
            "s3://rows/scores/i is the beginning of scores/i/a.csv and of scores/in/a",
        ),
    ],
)
def test_what_a_run_cannot_do_is_refused_before_it_starts(
    source: str, out: str | None, sentence: str
) -> None:
    sizes = {"in/a.csv": 1, "old/a.csv": 1, "wrong/a.parquet": 1, "huge/a.csv.gz": 99_999_999, "i/a.csv": 1}
    sizes |= {"two/a.csv": 1, "two/a.csv.gz": 1, "parts/a.csv": 1, "parts/a.part-00001.csv": 1}

    with pytest.raises(ScoringRunError, match=sentence):
        plan(Account({f"scores/{key}": size for key, size in sizes.items()}), source, out)


def test_a_bucket_of_another_region_is_refused_before_the_run() -> None:
    class OtherRegion(Account):
        region = "eu-west-1"

        def read(self, _service: str, operation: str, *, action: str, **call: Any) -> Any:
            found = super().read(_service, operation, action=action, **call)
            return {**found, "ResponseMetadata": {"HTTPHeaders": {"x-amz-bucket-region": "us-east-2"}}}

    with pytest.raises(ScoringRunError, match="The bucket rows is in us-east-2, and the stack in eu-west-1"):
        plan(OtherRegion({"scores/in/a.csv": 1}))


def test_a_file_of_this_machine_is_uploaded_into_the_folder_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "ROWS.CSV").write_text("size\n1\n", encoding="utf-8")
    account = Account()

    found = plan(account, str(tmp_path / "ROWS.CSV"))

    assert (found.prefix, found.objects) == ("scores/in/now/ROWS.CSV", [("scores/in/now/ROWS.CSV", 7)])
    assert found.output == "scores/now/"


def test_objects_with_similar_names_are_scored_together() -> None:
    keys = [
        "2013-01.csv",
        "2013-02.csv",
        "2013-02.jsonl",
        "b.part-00001.csv",
        "c/2013-01.csv",
        "/2013-01.csv",
    ]

    found = plan(Account({f"scores/in/{key}": 1 for key in keys}))

    assert len(found.objects) == len(keys)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 81, "ü"])
def test_a_name_that_step_functions_refuses_is_reported(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["s3://rows/scores/in/", "--name", name], {})

    assert ended.value.code == 2
    assert "is not 1 to 80 letters, digits, - and _" in capsys.readouterr().err


def test_a_run_shows_each_number_of_finished_objects_once() -> None:
    def counts(done: int) -> dict[str, Any]:
        return {"itemCounts": {"succeeded": done, "failed": 0, "total": 2}}

    account = Account(
        describe_execution=[*[{"status": "RUNNING"}] * 3, {"status": "SUCCEEDED", "output": '{"rows": 7}'}],
        list_map_runs=[{"mapRuns": []}, {"mapRuns": [{"mapRunArn": "map"}]}],
        describe_map_run=[counts(0), counts(0), counts(2)],
    )
    shown: list[str] = []

    assert run(account, shown).follow("execution") == {"rows": 7}
    assert shown == ["0 of 2 objects", "2 of 2 objects"]


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        ({"error": "FileError", "cause": "a.csv is wrong."}, "a.csv is wrong."),
        ({"error": "S3Error", "cause": json.dumps({"errorMessage": "S3 is busy."})}, "S3 is busy."),
        ({"error": "States.Timeout", "cause": "after 900 seconds"}, "States.Timeout after 900 seconds"),
    ],
)
def test_a_failed_run_says_why(failed: dict[str, str], reason: str) -> None:
    account = Account(
        describe_execution=[{"status": "FAILED", **failed}],
        list_map_runs=[{"mapRuns": [{"mapRunArn": "map"}]}],
        describe_map_run=[{"itemCounts": {"succeeded": 0, "failed": 1, "total": 1}}],
    )

    with pytest.raises(ScoringRunError) as raised:
        run(account, []).follow("execution")

    assert str(raised.value) == f"The run is FAILED: {reason}"


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("hosting", "sentence"),
    [
        ("lambda", "has no state machine that scores files: set scoring_data to own, and deploy.\n"),
        ("serverless", "lets no job read or write files: set scoring_data to own, or to a folder in S3"),
    ],
)
def test_a_stack_that_scores_no_files_is_reported(
    aws: AwsServer,
    capsys: pytest.CaptureFixture[str],
    hosting: str,
    sentence: str,
) -> None:
    aws.deploy("FirstModel", deployed(hosting))

    code = main(["s3://rows/scores/in/", "-c", "model=first_model"], {"AWS_REGION": "eu-west-1"})

    assert code == 1
    assert sentence in capsys.readouterr().err
