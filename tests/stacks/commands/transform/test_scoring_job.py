"""The command `make transform`: its input, its job, its costs, its counts, and what it says when it ends."""

import io
import re
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.response import StreamingBody

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.current_stack import require_stack
from stacks.commands.transform.__main__ import main
from stacks.commands.transform.job_cost import job_cost
from stacks.commands.transform.results import Results, count_rows
from stacks.commands.transform.s3_folder import S3Folder
from stacks.commands.transform.scoring_input import find_input
from stacks.commands.transform.scoring_job import JobRequest, check_version, model_name, run_job
from stacks.costs.price_table import DEFAULT_TABLE, PriceError, load_prices
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import deployed

FOLDER = "s3://bucket/to/score"


class Account:
    """The calls of a job: objects by key, and what DescribeTransformJob says, one after another."""

    def __init__(self, objects: dict[str, str], *descriptions: dict[str, Any]) -> None:
        self.objects = objects
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._descriptions = [*descriptions]

    def read(self, _service: str, operation: str, *, action: str, missing: str = "", **call: Any) -> Any:  # noqa: ARG002 - the signature
        """Makes a call."""
        self.calls.append((operation, call))
        match operation:
            case "list_objects_v2":
                keys = sorted(key for key in self.objects if key.startswith(call["Prefix"]))
                start = int(call.get("ContinuationToken", 0))
                return {
                    "Contents": [
                        {"Key": key, "Size": len(self.objects[key])} for key in keys[start : start + 2]
                    ],
                    "IsTruncated": start + 2 < len(keys),
                    "NextContinuationToken": str(start + 2),
                }
            case "get_object":
                content = self.objects[call["Key"]].encode()
                return {"Body": StreamingBody(io.BytesIO(content), len(content))}
            case "describe_transform_job":
                return self._descriptions.pop(0)
            case "filter_log_events":
                prefix = "2026-02-14T17:00:00.000:[sagemaker logs]: "
                messages = ["started", f"{prefix}bucket/a.csv: ClientError: 422", f"{prefix}"]
                return {"events": [{"message": message} for message in messages]}
            case "list_stack_resources":
                if "NextToken" not in call:
                    return {"StackResourceSummaries": [], "NextToken": "2"}
                arn = "arn:aws:sagemaker:eu-west-1:1:model/name-1"
                return {
                    "StackResourceSummaries": [
                        {"ResourceType": "AWS::SageMaker::Model", "PhysicalResourceId": arn}
                    ]
                }
        return {}

    change = read

    def patient(self) -> "Account":
        return self


def folder(account: Account) -> S3Folder:
    return S3Folder(account, FOLDER)  # type: ignore[arg-type]


def run(account: Account, **parts: Any) -> list[str]:
    """Runs a job over two files; returns what it reports."""
    source = find_input(folder(account), f"{FOLDER}/in/", job="j")
    request = JobRequest(
        name="j",
        model="m",
        source=source,
        output=f"{FOLDER}/j/out",
        instance_type="ml.m5.large",
        instances=2,
        **parts,
    )
    said: list[str] = []
    run_job(account, request, folder(account), report=said.append, wait=lambda _: None)  # type: ignore[arg-type]
    return said


INPUT = {"to/score/in/a.csv": "1\n2\n", "to/score/in/b.csv": "3\n", "to/score/in/": "", "to/score/x.csv": "1"}


def test_a_prefix_in_the_folder_is_read_where_it_is() -> None:
    account = Account(INPUT)

    found = find_input(folder(account), f"{FOLDER}/in/", job="j")

    assert [stored.key for stored in found.objects] == ["to/score/in/a.csv", "to/score/in/b.csv"]
    assert (found.url, found.size, found.format) == (f"{FOLDER}/in/", 6, ("text/csv", "None"))
    assert {operation for operation, _ in account.calls} == {"list_objects_v2"}


def test_a_file_of_this_machine_is_uploaded_below_the_name_of_the_job(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl.gz").write_bytes(b"packed")
    account = Account({})

    found = find_input(folder(account), str(tmp_path / "rows.jsonl.gz"), job="j")

    assert (found.url, found.size) == (f"{FOLDER}/j/in/rows.jsonl.gz", 6)
    assert found.format == ("application/jsonlines", "Gzip")
    [(operation, call)] = account.calls
    assert (operation, call["Key"]) == ("upload_file", "to/score/j/in/rows.jsonl.gz")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("s3://bucket/to/scores/a.csv", "is not in s3://bucket/to/score, the only folder that the role"),
        ("s3://other/to/score/a.csv", "copy it there, or set scoring_data"),
        (f"{FOLDER}/absent", "There is nothing in s3://bucket/to/score/absent"),
        (f"{FOLDER}/mixed/", "a.csv and to/score/mixed/b.jsonl have different formats"),
        (f"{FOLDER}/parquet/", "a.parquet has none of the suffixes .csv, .jsonl, .ndjson"),
        ("absent.csv", "There is no file absent.csv"),
    ],
)
def test_input_that_no_job_can_read_is_refused(source: str, sentence: str) -> None:
    objects = dict.fromkeys(
        ["to/score/mixed/a.csv", "to/score/mixed/b.jsonl", "to/score/parquet/a.parquet"], "1"
    )

    with pytest.raises(UnreadableAccountError, match=re.escape(sentence)):
        find_input(folder(Account(objects)), source, job="j")


def test_a_job_is_followed_to_its_end() -> None:
    running = {"TransformJobStatus": "InProgress"}
    account = Account(
        INPUT | {"to/score/j/out/a.csv.out": ""},
        running,
        running | {"TransformStartTime": 1},
        running | {"TransformStartTime": 1},
        {"TransformJobStatus": "Completed", "TransformStartTime": 1},
    )

    said = run(account, options="threshold=0.4")

    assert said == ["starting: 1 of 2 files", "scoring: 1 of 2 files"]
    [asked] = [call for operation, call in account.calls if operation == "create_transform_job"]
    assert asked["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] == f"{FOLDER}/in/"
    assert asked["TransformOutput"]["S3OutputPath"] == f"{FOLDER}/j/out"
    assert asked["TransformResources"] == {"InstanceType": "ml.m5.large", "InstanceCount": 2}
    assert asked["Environment"] == {"SERVING_TRANSFORM_OPTIONS": "on_error=skip&threshold=0.4"}
    assert asked["DataProcessing"] == {"JoinSource": "None"}


def test_a_failed_job_is_reported_with_its_log() -> None:
    account = Account(INPUT, {"TransformJobStatus": "Failed", "FailureReason": "ClientError: See job logs"})

    with pytest.raises(UnreadableAccountError) as failed:
        run(account, joins=True)

    assert str(failed.value) == (
        "The job j failed: ClientError: See job logs.\n  bucket/a.csv: ClientError: 422"
    )


def test_an_interrupted_job_is_stopped() -> None:
    account = Account(INPUT, {"TransformJobStatus": "InProgress"})
    source = find_input(folder(account), f"{FOLDER}/in/", job="j")
    request = JobRequest(
        name="j", model="m", source=source, output=f"{FOLDER}/j/out", instance_type="t", instances=1
    )

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_job(account, request, folder(account), report=print, wait=interrupt)  # type: ignore[arg-type]

    assert account.calls[-1] == ("stop_transform_job", {"TransformJobName": "j"})


def test_a_job_that_can_no_longer_be_asked_about_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(INPUT, {"TransformJobStatus": "InProgress"})

    def refuse(*_words: str, **_call: Any) -> None:
        raise UnreadableAccountError("The credentials have expired.")

    monkeypatch.setattr(account, "patient", lambda: SimpleNamespace(read=refuse))

    with pytest.raises(UnreadableAccountError, match=r"have expired\. The job j goes on: its results"):
        run(account)


def test_the_model_is_that_of_the_stack() -> None:
    assert model_name(Account({}), "Tiny") == "name-1"  # type: ignore[arg-type]


def test_the_cost_is_that_of_the_instances_and_their_start() -> None:
    table = load_prices(DEFAULT_TABLE)
    hour = table.instance("ml.m5.large").price

    small = job_cost(table, instance_type="ml.m5.large", instances=1, size=1)
    large = job_cost(table, instance_type="ml.m5.large", instances=2, size=60 * 60 * 1_500_000 * 2 * 2)

    assert small.dollars == pytest.approx(hour * 5 / 60, abs=1e-6)
    assert large.dollars == pytest.approx(2 * hour * 65 / 60)
    assert f"at ${hour:g} an hour (us-east-1, {date.fromisoformat(str(table.date))})" in small.sentence
    with pytest.raises(PriceError, match=r"no price for ml\.any"):
        job_cost(table, instance_type="ml.any", instances=1, size=1)


def test_rows_and_those_without_a_prediction_are_counted() -> None:
    account = Account(
        {
            "a.csv.out": 'label,probability,error\nyes,0.5,\n,,"size must, be"\n',
            "b.csv.out": "yes,0.5,\nno,0.5,\n",
            "a.jsonl.out": '{"label":"yes"}\n{"errors":[]}\n{"a":1,"SageMakerOutput":{"errors":[]}}\n',
        }
    )

    assert count_rows(folder(account), ["a.csv.out", "b.csv.out"], media_type="text/csv") == (4, 1)
    assert count_rows(folder(account), ["a.jsonl.out"], media_type="application/jsonlines") == (3, 2)


def test_the_results_are_json() -> None:
    results = Results(job="j", model="m", version="v", output=FOLDER, files=1, rows=2, refused=0)

    assert b'"version": "v"' in results.encode()


def test_the_results_are_one_sentence_in_singular_and_plural() -> None:
    one = Results(job="j", model="m", version="v", output=FOLDER, files=1, rows=1_200, refused=1)
    several = Results(job="j", model="m", version="v", output=FOLDER, files=2, rows=3, refused=2)

    of_one = (
        f"{FOLDER}: 1,200 rows of 1 file by m, version v; 1 of them has errors in the place of a prediction."
    )
    assert one.sentence == of_one
    assert "3 rows of 2 files by m, version v; 2 of them have errors" in several.sentence


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("hosting", "sentence"),
    [
        ("realtime", "lets no job read or write files: set scoring_data to own, or to a folder in S3"),
        ("lambda", "has hosting lambda, whose files a state machine scores: copy them to S3"),
    ],
)
def test_a_stack_that_runs_no_jobs_is_refused(
    aws: AwsServer,
    capsys: pytest.CaptureFixture[str],
    hosting: str,
    sentence: str,
) -> None:
    aws.deploy("FirstModel", deployed(hosting))

    code = main(["rows.csv", "-c", "model=first_model"], {"AWS_REGION": "eu-west-1"})

    assert code == 1
    assert capsys.readouterr().err.startswith(f"The stack FirstModel {sentence}")


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize(
    ("status", "version"),
    [("UPDATE_IN_PROGRESS", "one"), ("UPDATE_COMPLETE", "two"), ("CREATE_COMPLETE", "one")],
)
def test_a_release_that_has_begun_since_the_stack_was_read_is_refused(
    aws: AwsServer, status: str, version: str
) -> None:
    # Given a stack that is read, and released or not
    account = AwsAccount({"AWS_REGION": "eu-west-1"}, verb="transform")
    aws.outputs = {"ModelVersion": "one"}
    aws.deploy("FirstModel", deployed("realtime"))
    stack = require_stack(account, "FirstModel")
    aws.outputs = {"ModelVersion": version}
    aws.deploy("FirstModel", deployed("realtime"), status=status)

    # Then the job starts only when the version is still the one that the results will name
    if status == "CREATE_COMPLETE":
        check_version(account, stack)
    else:
        with pytest.raises(UnreadableAccountError, match=rf"FirstModel is being updated \({status}\)"):
            check_version(account, stack)
