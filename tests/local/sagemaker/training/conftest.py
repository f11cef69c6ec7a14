"""AWS on this machine with a stub training program; requests, logs and results of its jobs."""

import io
import json
import sys
import tarfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.local_aws import LocalAws
from local.processes import lifecycle
from tests.local.conftest import START_SECONDS
from tests.local.iam.roles import JOB_ROLE, make_execution_roles
from tests.local.polling import until

GROUP = "/aws/sagemaker/TrainingJobs"
STUB = (sys.executable, str(Path(__file__).parents[2] / "stub_training.py"))

Start = Callable[..., str]


def request_for(bucket: str, hyperparameters: dict[str, str], instances: int = 1) -> dict[str, Any]:
    """Returns a request; the hyperparameters control the stub program."""
    return {
        "TrainingJobName": f"job-{uuid.uuid4().hex[:8]}",
        "AlgorithmSpecification": {
            "TrainingImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:tag",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": "score=([0-9.]+);"}],
        },
        "HyperParameters": hyperparameters,
        "RoleArn": JOB_ROLE,
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/made/"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": instances, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """AWS on this machine, with the stub training program."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("local"))
    aws = lifecycle.up(wanted, environ={"PATH": "/usr/bin:/bin"}, training=STUB, timeout=START_SECONDS)
    make_execution_roles(aws)
    yield aws
    lifecycle.down(wanted)


@pytest.fixture(scope="module")
def sagemaker(aws: LocalAws) -> Any:
    return aws.client("sagemaker")


@pytest.fixture
def start(sagemaker: Any, bucket: str) -> Start:
    """Starts a job; the hyperparameters control the stub program."""

    def start(*, hyperparameters: dict[str, str] | None = None, instances: int = 1, **others: Any) -> str:
        request = {**request_for(bucket, hyperparameters or {}, instances), **others}
        name: str = request["TrainingJobName"]
        assert sagemaker.create_training_job(**request)["TrainingJobArn"].endswith(name)
        return name

    return start


def wait_until_ended(sagemaker: Any, job: str) -> dict[str, Any]:
    """Waits until a job has ended; returns its description."""
    until(lambda: describe(sagemaker, job)["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"))
    return describe(sagemaker, job)


def describe(sagemaker: Any, job: str) -> dict[str, Any]:
    described: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=job)
    return described


def log_lines_by_stream(aws: LocalAws, job: str) -> dict[str, list[str]]:
    """Returns the log lines of a job by log stream."""
    logs = aws.client("logs")
    try:
        streams = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{job}/")["logStreams"]
    except logs.exceptions.ResourceNotFoundException:
        return {}
    return {
        name: [
            event["message"]
            for event in logs.get_log_events(logGroupName=GROUP, logStreamName=name)["events"]
        ]
        for name in (stream["logStreamName"] for stream in streams)
    }


def log_lines(aws: LocalAws, job: str) -> list[str]:
    """Returns the log lines of all instances of a job."""
    return [line for written in log_lines_by_stream(aws, job).values() for line in written]


def program_report(aws: LocalAws, described: dict[str, Any]) -> dict[str, Any]:
    """Returns the program's report of its inputs, from the model archive."""
    bucket, _, key = described["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    packed = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        content = archive.extractfile("report.json")
        assert content
        found: dict[str, Any] = json.loads(content.read())
        return found


def channel(name: str, url: str) -> dict[str, Any]:
    return {
        "ChannelName": name,
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": url}},
    }
