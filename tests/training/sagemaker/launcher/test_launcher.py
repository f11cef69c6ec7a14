"""`python -m training ... --on sagemaker`, against AWS on this machine."""

import json
import re
import signal
import socket
import uuid
from pathlib import Path
from typing import Any

import pytest

from bundle import read_archive
from local.local_aws import LocalAws
from tests.training.sagemaker.flights_file import write_flights
from tests.training.sagemaker.launcher.conftest import BUCKET, IMAGE, ROLE, Launch, Start, keys
from tests.training.sagemaker.opt_ml import read_until
from training.__main__ import main
from training.sagemaker.launcher import launcher

START = ("--image", IMAGE, "--role", ROLE)
TIMEOUT = 240


def newest_job(aws: LocalAws, name: str) -> dict[str, Any]:
    """Returns the description of the newest job whose name contains `name`."""
    listed = aws.client("sagemaker").list_training_jobs(NameContains=name)["TrainingJobSummaries"]
    job = listed[0]["TrainingJobName"]
    description: dict[str, Any] = aws.client("sagemaker").describe_training_job(TrainingJobName=job)
    return description


def create_job(aws: LocalAws, **hyperparameters: str) -> str:
    """Starts a training job by the API, without the SDK; returns its name."""
    job = f"{hyperparameters['model']}-{uuid.uuid4().hex}"
    aws.client("sagemaker").create_training_job(
        TrainingJobName=job,
        HyperParameters=hyperparameters,
        AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        RoleArn=ROLE,
        OutputDataConfig={"S3OutputPath": f"s3://{BUCKET}/jobs"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )
    return job


def status_of(aws: LocalAws, job: str) -> str:
    """Returns the TrainingJobStatus of a job."""
    description = aws.client("sagemaker").describe_training_job(TrainingJobName=job)
    return str(description["TrainingJobStatus"])


def test_a_job_on_a_local_file_gives_the_bundle_of_training_on_this_machine(
    aws: LocalAws, launch: Launch, tmp_path: Path, proxy: socket.socket
) -> None:
    # Given a file on this machine
    flights = write_flights(tmp_path / "flights.csv", days=120, a_day=30)
    words = ("few_trees", "--data", str(flights))

    # When a job is trained on it
    code, output, errors = launch(*words, *START, "--json", out=tmp_path / "job")

    # Then its log was printed, and its bundle is on this machine and in the bucket
    assert code == 0, errors
    assert re.search(r"^algo-1: \[ *[\d.]+ s\] fitting on [\d,]+ rows$", errors, re.MULTILINE)
    archive = tmp_path / "job" / "model.tar.gz"
    bundle = read_archive(archive)
    report = json.loads(output)
    assert (report["version"], report["path"]) == (bundle.manifest.version, str(archive))
    published = f"few_trees/{bundle.manifest.version}/model.tar.gz"
    assert keys(aws, f"few_trees/{bundle.manifest.version}/") == [published]
    kept = aws.client("s3").get_object(Bucket=BUCKET, Key=published)["Body"].read()
    assert kept == archive.read_bytes()
    # and has the bytes of a bundle trained on this machine
    assert main([*words, "--no-report", "--out", str(tmp_path / "here")]) == 0
    assert (tmp_path / "here" / "model.tar.gz").read_bytes() == kept
    # and SageMaker found its metrics in the log, and no connection left this machine
    metrics = {one["MetricName"]: one["Value"] for one in newest_job(aws, "few-trees")["FinalMetricDataList"]}
    assert metrics["roc_auc"] == pytest.approx(bundle.manifest.metrics.values["roc_auc"], rel=1e-4)
    proxy.setblocking(False)
    with pytest.raises(BlockingIOError):
        proxy.accept()


def test_a_job_without_waiting_has_the_options_of_the_command_and_is_downloaded_later(
    aws: LocalAws, launch: Launch, tmp_path: Path
) -> None:
    # Given a job that was started on the sample, without waiting for its end
    words = ("--seed", "3", "--instance-type", "ml.c5.large", "--no-wait", "--spot")
    code, output, errors = launch("iris", *START, *words, out=tmp_path)
    assert code == 0, errors
    job = output.strip()

    # When its bundle is downloaded as that of another model, then it is refused
    code, _, errors = launch("flight_delay", "--job", job, out=tmp_path)
    assert code == 1
    assert errors.splitlines()[-1].endswith("is a bundle of the model iris, not of flight_delay.")
    assert not (tmp_path / "model.tar.gz").exists()

    # When it is downloaded as that of its model, then it is there
    code, output, errors = launch("iris", "--job", job, out=tmp_path)
    assert code == 0, errors
    assert output.startswith(f"iris {read_archive(tmp_path / 'model.tar.gz').manifest.version}, trained in")

    # and the job had the options of the command
    description = aws.client("sagemaker").describe_training_job(TrainingJobName=job)
    assert description["HyperParameters"] == {"model": "iris", "seed": "3"}
    assert description.get("InputDataConfig", []) == []
    assert description["ResourceConfig"]["InstanceType"] == "ml.c5.large"
    assert description["AlgorithmSpecification"]["TrainingImage"] == IMAGE
    assert description["EnableManagedSpotTraining"] is True
    assert description["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}
    assert description["CheckpointConfig"]["S3Uri"].startswith(f"s3://{BUCKET}/iris/jobs/")


def test_a_failed_job_ends_the_command_with_its_reason(aws: LocalAws, launch: Launch, tmp_path: Path) -> None:
    job = create_job(aws, model="iris", data="bts:1")

    code, output, errors = launch("iris", "--job", job, out=tmp_path)

    assert (code, output) == (1, "")
    assert re.fullmatch(
        r"python -m training: The training job iris-\w+ failed: AlgorithmError: .*'bts:1'.*, exit code: 1",
        errors.splitlines()[-1],
    )


def test_an_interrupt_leaves_the_job_running_and_prints_the_command_that_follows_it(
    aws: LocalAws, start: Start, launch: Launch, tmp_path: Path
) -> None:
    # Given a job that runs until it is stopped, and a command that follows it
    job = create_job(aws, model="endless")
    process = start("endless", "--job", job, out=tmp_path)
    assert process.stderr
    read_until(process.stderr, "algo-1: round 2,")

    # When the command is interrupted
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=TIMEOUT)

    # Then the job is still running
    assert (process.returncode, status_of(aws, job)) == (130, "InProgress")
    assert errors.splitlines()[-1] == (
        f"python -m training: Interrupted: the training job {job} continues. `python -m "
        f"training endless --on sagemaker --bucket {BUCKET} --job {job}` follows it again; "
        f"`aws sagemaker stop-training-job --training-job-name {job}` stops it."
    )

    # and when it is stopped, the command downloads the model of the rounds so far
    aws.client("sagemaker").stop_training_job(TrainingJobName=job)
    code, _, errors = launch("endless", "--job", job, out=tmp_path)
    assert code == 0, errors
    assert read_archive(tmp_path / "model.tar.gz").manifest.name == "endless"


def test_an_interrupt_stops_the_job_with_stop_on_interrupt(
    aws: LocalAws, launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(line: str) -> None:
        if "round 2," in line:
            raise KeyboardInterrupt

    monkeypatch.setattr(launcher, "_print_line", interrupt)

    job = create_job(aws, model="endless")

    code, _, errors = launch("endless", "--job", job, "--stop-on-interrupt", out=tmp_path)

    assert code == 130
    assert status_of(aws, job) in ("Stopping", "Stopped")
    assert errors.splitlines()[-1].endswith(f"the training job {job} is being stopped.")


@pytest.mark.parametrize(
    ("words", "bucket", "message"),
    [
        (
            ("--image", IMAGE),
            BUCKET,
            "Your credentials are not those of a role that SageMaker can assume: name one with --role",
        ),
        (
            (*START, "--data", str(Path(__file__))),
            "not-there",
            f"{__file__} was not uploaded to the bucket not-there (NoSuchBucket): ",
        ),
        (
            (*START, "--data", "nothing/*.csv"),
            BUCKET,
            "There is no file nothing/*.csv; no training job was started.",
        ),
    ],
    ids=["no role", "no bucket", "no file"],
)
def test_a_job_that_cannot_be_started_is_refused_in_one_sentence(
    launch: Launch, tmp_path: Path, words: tuple[str, ...], bucket: str, message: str
) -> None:
    code, output, errors = launch("iris", *words, out=tmp_path, bucket=bucket)

    assert (code, output) == (1, "")
    assert errors.splitlines()[-1].startswith(f"python -m training: {message}")
    assert "Traceback" not in errors
