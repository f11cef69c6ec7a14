"""Training jobs on this machine: stopped, out of time, taken up again, of several instances, and listed."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from local.processes import lifecycle
from local.sagemaker.training.job import TrainingJob
from local.sagemaker.training.training import SageMakerTraining
from tests.local.conftest import START_SECONDS
from tests.local.polling import until
from tests.local.process_ids import has_ended
from tests.local.sagemaker.training.conftest import (
    STUB,
    Start,
    ended,
    lines,
    lines_of,
    request_for,
    seen,
)


def test_a_job_that_is_stopped_saves_what_it_has(aws: LocalAws, sagemaker: Any, start: Start) -> None:
    job = start(hyperparameters={"wait": "yes"})
    until(lambda: any("waiting" in line for line in lines_of(aws, job)))

    sagemaker.stop_training_job(TrainingJobName=job)

    described = ended(sagemaker, job)
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "Stopping" in [change["Status"] for change in described["SecondaryStatusTransitions"]]
    assert seen(aws, described)["files"] == {}


def test_a_job_that_has_ended_cannot_be_stopped(sagemaker: Any, start: Start) -> None:
    job = start()
    ended(sagemaker, job)

    with pytest.raises(ClientError, match="in status Completed"):
        sagemaker.stop_training_job(TrainingJobName=job)


def test_a_job_over_its_maximum_runtime_is_stopped_and_keeps_its_model(
    aws: LocalAws, bucket: str, tmp_path: Path
) -> None:
    # Given a job under way
    seconds = [0.0]
    environment = {"PATH": "/usr/bin:/bin"}
    training = SageMakerTraining(
        aws, folder=tmp_path, command=STUB, environment=environment, clock=lambda: seconds[0]
    )
    request = request_for(bucket, {"wait": "yes"})
    job = TrainingJob(name=request["TrainingJobName"], request=request)
    training.create(job)
    until(lambda: any("waiting" in line for line in lines_of(aws, job.name)))

    # When its maximum runtime is over
    seconds[0] = request["StoppingCondition"]["MaxRuntimeInSeconds"] + 1

    # Then it is stopped, and its model is in S3
    assert job.settled.wait(120)
    assert (job.status, job.secondary_status) == ("Stopped", "MaxRuntimeExceeded")
    assert seen(aws, {"ModelArtifacts": {"S3ModelArtifacts": job.artifacts}})


def test_a_job_goes_on_from_the_checkpoints_of_another(
    aws: LocalAws, sagemaker: Any, start: Start, bucket: str
) -> None:
    config = {"S3Uri": f"s3://{bucket}/checkpoints"}
    first = seen(aws, ended(sagemaker, start(CheckpointConfig=config)))

    second = seen(aws, ended(sagemaker, start(CheckpointConfig=config)))

    assert (first["checkpoints"], second["checkpoints"]) == ([], ["reached"])


def test_instances_find_each_other_and_the_first_makes_the_model(
    aws: LocalAws, sagemaker: Any, start: Start
) -> None:
    job = start(instances=2)

    hosts = seen(aws, ended(sagemaker, job))["hosts"]

    assert len(set(hosts["hosts"])) == 2
    assert hosts["current_host"] == hosts["hosts"][0]
    assert sorted(stream.rpartition("-")[0] for stream in lines(aws, job)) == [
        f"{job}/algo-1",
        f"{job}/algo-2",
    ]


def test_when_one_instance_fails_the_others_are_ended(sagemaker: Any, start: Start) -> None:
    described = ended(sagemaker, start(hyperparameters={"fail": "It is cold here."}, instances=2))

    assert described["FailureReason"] == "AlgorithmError: It is cold here., exit code: 3"


@pytest.mark.parametrize("wait", ["yes", "deaf"])
def test_down_ends_the_program_of_a_job_that_runs(wanted: LocalAws, wait: str) -> None:
    # Given a job under way, whether its program hears SIGTERM or not
    aws = lifecycle.up(wanted, environ={"PATH": "/usr/bin:/bin"}, training=STUB, timeout=START_SECONDS)
    aws.client("s3").create_bucket(Bucket="made")
    request = request_for("made", {"wait": wait})
    aws.client("sagemaker").create_training_job(**request)
    until(lambda: any("waiting" in line for line in lines_of(aws, request["TrainingJobName"])))
    pid = int(lines_of(aws, request["TrainingJobName"])[-1].split()[-1])

    # When AWS on this machine is stopped
    assert lifecycle.down(wanted)

    # Then so is the program
    assert has_ended(pid)


def test_jobs_are_listed_newest_first(sagemaker: Any, start: Start) -> None:
    older, newer = start(), start(hyperparameters={"fail": ""})
    for job in (older, newer):
        ended(sagemaker, job)

    listed = [job["TrainingJobName"] for job in sagemaker.list_training_jobs()["TrainingJobSummaries"]]

    assert listed.index(newer) < listed.index(older)
    failed = sagemaker.list_training_jobs(StatusEquals="Failed", NameContains=newer)["TrainingJobSummaries"]
    assert [job["TrainingJobName"] for job in failed] == [newer]


def test_a_name_is_given_to_one_job_only(start: Start) -> None:
    job = start()

    with pytest.raises(ClientError, match="Cannot create already existing training job"):
        start(TrainingJobName=job)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"TrainingJobName": "under_score"}, "regular expression pattern"),
        ({"InputDataConfig": [{"ChannelName": "x", "DataSource": {}}]}, "not in S3"),
        ({"RoleArn": ""}, "RoleArn"),
    ],
)
def test_a_request_that_sagemaker_refuses_is_refused(start: Start, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(Exception, match=words):
        start(**wrong)
