"""Training jobs of state machines: started, awaited and stopped with the permissions of the role."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from local.processes import lifecycle
from tests.local.conftest import START_SECONDS
from tests.local.emulator.state_machines.machines import ended, run, start, task
from tests.local.iam.roles import JOB_ROLE, allow, make_execution_roles
from tests.local.polling import until
from tests.local.sagemaker.training.conftest import STUB, request_for, wait_until_ended

SYNC = "sagemaker:createTrainingJob.sync"
RULE = "arn:aws:events:us-east-1:000000000000:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"
# The role of AWS's own page, https://docs.aws.amazon.com/step-functions/latest/dg/sagemaker-iam.html
STATEMENTS = {
    "jobs": allow(
        *(f"sagemaker:{verb}TrainingJob" for verb in ("Create", "Describe", "Stop")),
        resource="arn:aws:sagemaker:us-east-1:000000000000:training-job/*",
    ),
    "tags": allow("sagemaker:AddTags", resource="arn:aws:sagemaker:us-east-1:000000000000:training-job/*"),
    "role": allow(
        "iam:PassRole",
        resource=JOB_ROLE,
        Condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    ),
    "rule": allow("events:PutTargets", "events:PutRule", "events:DescribeRule", resource=RULE),
}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """AWS on this machine, with the stub training program."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("local"))
    aws = lifecycle.up(wanted, environ={"PATH": "/usr/bin:/bin"}, training=STUB, timeout=START_SECONDS)
    make_execution_roles(aws)
    yield aws
    lifecycle.down(wanted)


def training(bucket: str, resource: str = SYNC, *, timeout: int = 0, **stub: str) -> dict[str, Any]:
    """A state machine of one training job of the bucket's name."""
    request = {**request_for(bucket, stub), "TrainingJobName": bucket}
    return task(resource, request, **({"TimeoutSeconds": timeout} if timeout else {}))


def test_the_result_of_the_task_is_the_description_of_the_completed_job(aws: LocalAws, bucket: str) -> None:
    done = run(aws, bucket, training(bucket), *STATEMENTS.values())

    assert done["status"] == "SUCCEEDED", done
    result = json.loads(done["output"])
    assert result["TrainingJobStatus"] == "Completed"
    assert result["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{bucket}/made/{bucket}/output/model.tar.gz"
    assert result["ResourceConfig"]["VolumeSizeInGB"] == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", result["TrainingEndTime"])


def test_without_sync_the_task_ends_when_the_job_has_started(aws: LocalAws, bucket: str) -> None:
    machine = training(bucket, "sagemaker:createTrainingJob", wait="yes")

    done = run(aws, bucket, machine, STATEMENTS["jobs"], STATEMENTS["tags"], STATEMENTS["role"])

    assert set(json.loads(done["output"])) == {"TrainingJobArn"}
    sagemaker = aws.client("sagemaker")
    sagemaker.stop_training_job(TrainingJobName=bucket)
    wait_until_ended(sagemaker, bucket)


def test_a_failed_job_fails_the_task_with_its_description_as_cause(aws: LocalAws, bucket: str) -> None:
    done = run(aws, bucket, training(bucket, fail="It is cold here."), *STATEMENTS.values())

    assert (done["status"], done["error"]) == ("FAILED", "States.TaskFailed")
    assert json.loads(done["cause"])["FailureReason"] == "AlgorithmError: It is cold here., exit code: 3"


@pytest.mark.parametrize(
    ("missing", "action"),
    [
        ("jobs", "sagemaker:CreateTrainingJob"),
        ("tags", "sagemaker:AddTags"),
        ("role", "iam:PassRole"),
    ],
)
def test_the_role_of_the_state_machine_starts_the_job(
    aws: LocalAws, bucket: str, missing: str, action: str
) -> None:
    granted = [statement for name, statement in STATEMENTS.items() if name != missing]

    done = run(aws, bucket, training(bucket), *granted)

    assert (done["status"], done["error"]) == ("FAILED", "SageMaker.AmazonSageMakerException")
    assert f"is not authorized to perform: {action} on resource: arn:aws:" in done["cause"]
    assert "(Service: SageMaker, Status Code: 400, Request ID: " in done["cause"]


def test_a_state_machine_that_waits_for_jobs_needs_a_role_that_makes_the_managed_rule(
    aws: LocalAws, bucket: str
) -> None:
    granted = [statement for name, statement in STATEMENTS.items() if name != "rule"]

    with pytest.raises(ClientError, match=r"AccessDenied.*is not authorized to create managed-rule\."):
        start(aws, bucket, training(bucket), *granted)


def test_an_execution_that_is_stopped_stops_its_job(aws: LocalAws, bucket: str) -> None:
    states, sagemaker = aws.client("stepfunctions"), aws.client("sagemaker")
    execution = start(aws, bucket, training(bucket, wait="yes"), *STATEMENTS.values())
    until(lambda: bool(sagemaker.list_training_jobs(NameContains=bucket)["TrainingJobSummaries"]))

    states.stop_execution(executionArn=execution, error="Enough", cause="It took too long.")

    assert wait_until_ended(sagemaker, bucket)["TrainingJobStatus"] == "Stopped"
    found = ended(aws, execution)
    assert (found["status"], found["error"]) == ("ABORTED", "Enough")


def test_a_task_over_its_timeout_stops_its_job_and_can_be_caught(aws: LocalAws, bucket: str) -> None:
    machine = training(bucket, timeout=1, wait="yes")
    machine["States"]["Task"]["Catch"] = [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]
    machine["States"]["Late"] = {"Type": "Pass", "End": True}

    done = run(aws, bucket, machine, *STATEMENTS.values())

    assert done["status"] == "SUCCEEDED"
    assert json.loads(done["output"])["Error"] == "States.Timeout"
    assert wait_until_ended(aws.client("sagemaker"), bucket)["TrainingJobStatus"] == "Stopped"


def test_other_jobs_cannot_be_awaited(aws: LocalAws, bucket: str) -> None:
    done = run(aws, bucket, task("sagemaker:createProcessingJob.sync", {"ProcessingJobName": "any"}))

    assert (done["status"], done["error"]) == ("FAILED", "States.Runtime")
