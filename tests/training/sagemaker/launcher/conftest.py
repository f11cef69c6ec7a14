"""AWS on this machine, where training jobs run as processes, and the command with its credentials."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from local import process_environment
from local.local_aws import LocalAws
from local.processes import lifecycle
from tests.inherited_environ import inherited_environ
from tests.local.iam.roles import JOB_ROLE, make_execution_roles
from tests.training.sagemaker.opt_ml import EXTRA_MODELS_PROGRAM, ROOT
from training.__main__ import main
from training.sagemaker.launcher import job_log

BUCKET = "artifacts"
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/training:1"
ROLE = JOB_ROLE


class Finished(NamedTuple):
    """A finished command: exit code, standard output and standard error."""

    code: int
    output: str
    errors: str


Start = Callable[..., "subprocess.Popen[str]"]
Launch = Callable[..., Finished]


@pytest.fixture(scope="session")
def aws(sagemaker_sdk: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:  # noqa: ARG001
    """AWS with a bucket and an execution role."""
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("aws"))
    found = lifecycle.up(
        wanted, environ=inherited_environ(), training=(sys.executable, *EXTRA_MODELS_PROGRAM, "train")
    )
    found.client("s3").create_bucket(Bucket=BUCKET)
    make_execution_roles(found)
    yield found
    lifecycle.down(wanted)


@pytest.fixture(autouse=True)
def jobs_are_stopped(aws: LocalAws) -> Iterator[None]:
    """Stops the jobs that a failed test leaves running."""
    yield
    sagemaker = aws.client("sagemaker")
    for job in sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]:
        sagemaker.stop_training_job(TrainingJobName=job["TrainingJobName"])


@pytest.fixture(scope="session")
def proxy() -> Iterator[socket.socket]:
    """The proxy for every address outside this machine: it accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def environ(aws: LocalAws, proxy: socket.socket) -> dict[str, str]:
    """The environment of the command, with credentials of AWS on this machine."""
    url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
    return process_environment.isolated(os.environ) | {
        "AWS_ENDPOINT_URL": aws.url,
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), url),
    }


def arguments_of(*words: str, out: Path, bucket: str = BUCKET) -> list[str]:
    return [*words, "--on", "sagemaker", "--bucket", bucket, "--out", str(out)]


@pytest.fixture
def start(environ: dict[str, str]) -> Start:
    """Starts `python -m training ... --on sagemaker` as a process."""

    def start(*words: str, out: Path) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, *EXTRA_MODELS_PROGRAM, *arguments_of(*words, out=out)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def launch(
    environ: dict[str, str],
    extra_models: None,  # noqa: ARG001  # a fixture cannot use another one by a mark
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Launch:
    """Runs the same command within this process."""
    for name in os.environ.keys() - environ.keys():
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    # The default session keeps the credentials of its first use.
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(job_log, "LOG_POLL_SECONDS", 0.1)

    def launch(*words: str, out: Path, bucket: str = BUCKET) -> Finished:
        capsys.readouterr()
        code = main(arguments_of(*words, out=out, bucket=bucket))
        return Finished(code, *capsys.readouterr())

    return launch


def keys(aws: LocalAws, prefix: str) -> Sequence[str]:
    """Returns the keys in the bucket under a prefix."""
    found: dict[str, Any] = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", ())]
