"""Training jobs on this machine: stop, maximum runtime, checkpoints, several instances, list."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from local.processes import lifecycle
from local.sagemaker.training.job import TrainingJob
from local.sagemaker.training.training import SageMakerTraining
from tests.local.conftest import START_SECONDS
from tests.local.iam.roles import make_execution_roles
from tests.local.polling import until
from tests.local.process_ids import has_ended
from tests.local.sagemaker.permitted_role import CallersRole
from tests.local.sagemaker.training.conftest import (
    STUB,
    Start,
    log_lines,
    log_lines_by_stream,
    program_report,
    request_for,
    wait_until_ended,
)


@pytest.mark.slow
def test_a_stopped_job_uploads_its_model(aws: LocalAws, sagemaker: Any, start: Start) -> None:
    job = start(hyperparameters={"wait": "yes"})
    until(lambda: any("waiting" in line for line in log_lines(aws, job)))

    sagemaker.stop_training_job(TrainingJobName=job)

    described = wait_until_ended(sagemaker, job)
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "Stopping" in [change["Status"] for change in described["SecondaryStatusTransitions"]]
    assert program_report(aws, described)["files"] == {}


def test_stopping_an_ended_job_is_an_error(sagemaker: Any, start: Start) -> None:
    job = start()
    wait_until_ended(sagemaker, job)

    with pytest.raises(ClientError, match="in status Completed"):
        sagemaker.stop_training_job(TrainingJobName=job)


def test_a_job_over_its_maximum_runtime_is_stopped_and_uploads_its_model(
    aws: LocalAws, bucket: str, tmp_path: Path
) -> None:
    # Given a running job
    seconds = [0.0]
    environment = {"PATH": "/usr/bin:/bin"}
    training = SageMakerTraining(
        assume=lambda _role, *, source_arn: CallersRole(aws),  # noqa: ARG005 - the signature
        folder=tmp_path,
        command=STUB,
        environment=environment,
        publish=lambda *_event: None,
        clock=lambda: seconds[0],
    )
    request = request_for(bucket, {"wait": "yes"})
    job = TrainingJob(name=request["TrainingJobName"], request=request)
    training.create(job)
    until(lambda: any("waiting" in line for line in log_lines(aws, job.name)))

    # When its maximum runtime has passed
    seconds[0] = request["StoppingCondition"]["MaxRuntimeInSeconds"] + 1

    # Then it is stopped, and its model is in S3
    assert job.settled.wait(120)
    assert (job.status, job.secondary_status) == ("Stopped", "MaxRuntimeExceeded")
    assert program_report(aws, {"ModelArtifacts": {"S3ModelArtifacts": job.artifacts}})


def test_a_job_resumes_from_the_checkpoints_of_an_earlier_job(
    aws: LocalAws, sagemaker: Any, start: Start, bucket: str
) -> None:
    config = {"S3Uri": f"s3://{bucket}/checkpoints"}
    first = program_report(aws, wait_until_ended(sagemaker, start(CheckpointConfig=config)))

    second = program_report(aws, wait_until_ended(sagemaker, start(CheckpointConfig=config)))

    assert (first["checkpoints"], second["checkpoints"]) == ([], ["reached"])


def test_instances_get_the_list_of_hosts_and_the_first_writes_the_model(
    aws: LocalAws, sagemaker: Any, start: Start
) -> None:
    job = start(instances=2)

    hosts = program_report(aws, wait_until_ended(sagemaker, job))["hosts"]

    assert len(set(hosts["hosts"])) == 2
    assert hosts["current_host"] == hosts["hosts"][0]
    assert sorted(stream.rpartition("-")[0] for stream in log_lines_by_stream(aws, job)) == [
        f"{job}/algo-1",
        f"{job}/algo-2",
    ]


def test_a_failed_instance_ends_the_other_instances(sagemaker: Any, start: Start) -> None:
    described = wait_until_ended(sagemaker, start(hyperparameters={"fail": "It is cold here."}, instances=2))

    assert described["FailureReason"] == "AlgorithmError: It is cold here., exit code: 3"


@pytest.mark.slow
@pytest.mark.parametrize("wait", ["yes", "ignore SIGTERM"])
def test_down_ends_the_program_of_a_running_job(wanted: LocalAws, wait: str) -> None:
    # Given a running job whose program handles or ignores SIGTERM
    aws = lifecycle.up(wanted, environ={"PATH": "/usr/bin:/bin"}, training=STUB, timeout=START_SECONDS)
    make_execution_roles(aws)
    aws.client("s3").create_bucket(Bucket="made")
    request = request_for("made", {"wait": wait})
    aws.client("sagemaker").create_training_job(**request)
    until(lambda: any("waiting" in line for line in log_lines(aws, request["TrainingJobName"])))
    pid = int(log_lines(aws, request["TrainingJobName"])[-1].split()[-1])

    # When AWS on this machine is stopped
    assert lifecycle.down(wanted)

    # Then the program has ended
    assert has_ended(pid)


def test_jobs_are_listed_newest_first(sagemaker: Any, start: Start) -> None:
    older, newer = start(), start(hyperparameters={"fail": ""})
    for job in (older, newer):
        wait_until_ended(sagemaker, job)

    listed = [job["TrainingJobName"] for job in sagemaker.list_training_jobs()["TrainingJobSummaries"]]

    assert listed.index(newer) < listed.index(older)
    failed = sagemaker.list_training_jobs(StatusEquals="Failed", NameContains=newer)["TrainingJobSummaries"]
    assert [job["TrainingJobName"] for job in failed] == [newer]


def test_a_second_job_of_the_same_name_is_refused(start: Start) -> None:
    job = start()

    with pytest.raises(ClientError, match="Cannot create already existing training job"):
        start(TrainingJobName=job)


@pytest.mark.parametrize(
    ("invalid", "message"),
    [
        ({"TrainingJobName": "under_score"}, "regular expression pattern"),
        ({"InputDataConfig": [{"ChannelName": "x", "DataSource": {}}]}, "not in S3"),
        ({"RoleArn": ""}, "RoleArn"),
        (
            {"EnableManagedSpotTraining": True},
            "MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}},
            "only supported when EnableManagedSpotTraining is set to true",
        ),
    ],
)
def test_an_invalid_request_is_refused(start: Start, invalid: dict[str, Any], message: str) -> None:
    with pytest.raises(Exception, match=message):
        start(**invalid)
