"""`python -m training ... --on sagemaker`, against AWS on this machine."""

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bundle import read_archive
from local.aws import LocalAws
from tests.training.sagemaker.conftest import BUCKET, IMAGE, ROLE, Launch, keys
from tests.training.sagemaker.flights_file import write_flights
from tests.training.sagemaker.opt_ml import ROOT, read_until

START = ("--image", IMAGE, "--role", ROLE)
SECONDS = 240


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Exit code, what it printed, and what it said meanwhile."""
    output, errors = process.communicate(timeout=SECONDS)
    return process.returncode, output, errors


def only_job(aws: LocalAws, name: str) -> dict[str, Any]:
    """The description of the newest job of a name."""
    listed = aws.client("sagemaker").list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    job = listed[0]["TrainingJobName"]
    described: dict[str, Any] = aws.client("sagemaker").describe_training_job(TrainingJobName=job)
    return described


def test_a_job_on_a_file_brings_the_very_bundle_that_training_here_makes(
    aws: LocalAws, launch: Launch, tmp_path: Path, outside: socket.socket
) -> None:
    # Given a file on this machine
    flights = write_flights(tmp_path / "flights.csv", days=120, a_day=60)

    # When a job is trained on it
    code, output, errors = finish(
        launch("flight_delay", "--data", str(flights), *START, "--json", out=tmp_path / "job")
    )

    # Then its log was followed, and its bundle is here and in the bucket
    assert code == 0, errors
    assert re.search(r"^algo-1: \[ *[\d.]+ s\] fitting on [\d,]+ rows$", errors, re.MULTILINE)
    bundle = read_archive(tmp_path / "job" / "model.tar.gz")
    report = json.loads(output)
    assert (report["version"], report["path"]) == (
        bundle.manifest.version,
        str(tmp_path / "job" / "model.tar.gz"),
    )
    published = f"flight_delay/{bundle.manifest.version}/model.tar.gz"
    assert keys(aws, f"flight_delay/{bundle.manifest.version}/") == [published]
    kept = aws.client("s3").get_object(Bucket=BUCKET, Key=published)["Body"].read()
    assert kept == (tmp_path / "job" / "model.tar.gz").read_bytes()
    # and is, byte for byte, what training here makes
    here = [sys.executable, "-m", "training", "flight_delay", "--data", str(flights)]
    subprocess.run([*here, "--out", str(tmp_path / "here")], cwd=ROOT, check=True, capture_output=True)
    assert (tmp_path / "here" / "model.tar.gz").read_bytes() == kept
    # and its figures were found in its log, and nothing was said to anybody else
    metrics = {
        one["MetricName"]: one["Value"] for one in only_job(aws, "flight-delay")["FinalMetricDataList"]
    }
    assert metrics["roc_auc"] == pytest.approx(bundle.manifest.metrics.values["roc_auc"], rel=1e-4)
    outside.setblocking(False)
    with pytest.raises(BlockingIOError):
        outside.accept()


def test_a_job_on_the_sample_has_no_channel(aws: LocalAws, launch: Launch, tmp_path: Path) -> None:
    code, output, errors = finish(
        launch("iris", *START, "--seed", "3", "--instance-type", "ml.c5.large", out=tmp_path)
    )

    assert code == 0, errors
    assert output.startswith(f"iris {read_archive(tmp_path / 'model.tar.gz').manifest.version}, trained in")
    job = only_job(aws, "iris")
    assert job["HyperParameters"] == {"model": "iris", "seed": "3"}
    assert job.get("InputDataConfig", []) == []
    assert job["ResourceConfig"]["InstanceType"] == "ml.c5.large"
    assert job["AlgorithmSpecification"]["TrainingImage"] == IMAGE


def test_a_job_that_is_not_waited_for_is_brought_later(aws: LocalAws, launch: Launch, tmp_path: Path) -> None:
    code, output, errors = finish(launch("iris", *START, "--no-wait", "--spot", out=tmp_path))
    assert code == 0, errors
    job = output.strip()

    # Not as another model's
    code, _, errors = finish(launch("flight_delay", "--job", job, out=tmp_path))
    assert code == 1
    assert errors.splitlines()[-1].endswith("is a bundle of iris, and flight_delay was asked for.")
    assert not (tmp_path / "model.tar.gz").exists()

    code, output, errors = finish(launch("iris", "--job", job, out=tmp_path))

    assert code == 0, errors
    assert read_archive(tmp_path / "model.tar.gz").manifest.name == "iris"
    described = aws.client("sagemaker").describe_training_job(TrainingJobName=job)
    assert described["EnableManagedSpotTraining"] is True
    assert described["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert described["CheckpointConfig"]["S3Uri"].startswith(f"s3://{BUCKET}/iris/jobs/")


def test_a_job_that_fails_ends_with_its_reason(launch: Launch, tmp_path: Path) -> None:
    code, output, errors = finish(launch("iris", "--data", "bts:1", *START, out=tmp_path))

    assert (code, output) == (1, "")
    assert re.fullmatch(
        r"python -m training: The training job iris-\d+ failed: AlgorithmError: This model has no data "
        r"'bts:1': it has its sample only\., exit code: 1",
        errors.splitlines()[-1],
    )


def test_an_interrupt_leaves_the_job_and_says_how_to_come_back(
    aws: LocalAws, launch: Launch, tmp_path: Path
) -> None:
    # Given a job that goes on until it is stopped
    process = launch("patient", *START, out=tmp_path)
    assert process.stderr
    read_until(process.stderr, "algo-1: round 2,")

    # When who follows it is interrupted
    process.send_signal(signal.SIGINT)
    code, _, errors = finish(process)

    # Then the job goes on
    described = only_job(aws, "patient")
    job = described["TrainingJobName"]
    assert (code, described["TrainingJobStatus"]) == (130, "InProgress")
    assert errors.splitlines()[-1] == (
        f"python -m training: Interrupted: the training job {job} goes on. `python -m "
        f"training patient --on sagemaker --bucket {BUCKET} --job {job}` follows it again; "
        f"`aws sagemaker stop-training-job --training-job-name {job}` stops it."
    )

    # and when it is stopped it has saved what it had, for who follows it again
    aws.client("sagemaker").stop_training_job(TrainingJobName=job)
    code, _, errors = finish(launch("patient", "--job", job, out=tmp_path))
    assert code == 0, errors
    assert read_archive(tmp_path / "model.tar.gz").manifest.name == "patient"


def test_an_interrupt_stops_the_job_when_it_is_to(aws: LocalAws, launch: Launch, tmp_path: Path) -> None:
    process = launch("patient", *START, "--stop-on-interrupt", out=tmp_path)
    assert process.stderr
    read_until(process.stderr, "algo-1: round 2,")

    process.send_signal(signal.SIGINT)
    code, _, errors = finish(process)

    job = only_job(aws, "patient")
    assert (code, job["TrainingJobStatus"]) in [(130, "StopSignal"), (130, "Stopped")]
    assert errors.splitlines()[-1].endswith(f"the training job {job['TrainingJobName']} is being stopped.")


@pytest.mark.parametrize(
    ("words", "bucket", "sentence"),
    [
        (
            ("--image", IMAGE),
            BUCKET,
            "Your credentials are not those of a role that a job could run as: name one with --role",
        ),
        (
            (*START, "--data", str(Path(__file__))),
            "not-there",
            f"{__file__} cannot be put into the bucket not-there (NoSuchBucket): ",
        ),
        ((*START, "--data", "nothing/*.csv"), BUCKET, "There is no file nothing/*.csv: nothing was started."),
    ],
    ids=["no role", "no bucket", "no file"],
)
def test_what_keeps_a_job_from_starting_is_one_sentence(
    launch: Launch, tmp_path: Path, words: tuple[str, ...], bucket: str, sentence: str
) -> None:
    code, output, errors = finish(launch("iris", *words, out=tmp_path, bucket=bucket))

    assert (code, output) == (1, "")
    assert errors.splitlines()[-1].startswith(f"python -m training: {sentence}")
    assert "Traceback" not in errors
