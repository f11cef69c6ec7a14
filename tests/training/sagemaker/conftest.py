"""AWS on this machine, where training jobs run as processes, and the command led to it."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from local import environment, process
from local.aws import LocalAws
from tests.training.sagemaker.opt_ml import PATIENT, ROOT
from training.sagemaker.launcher.job_request import PYTHON

BUCKET = "artifacts"
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/training:1"
ROLE = "arn:aws:iam::000000000000:role/trainer"
TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"sagemaker.amazonaws.com"}}]}'
)

Launch = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """AWS with a bucket, and a role that jobs may run as."""
    if not PYTHON.exists():
        pytest.skip(
            "The SageMaker Python SDK is not installed: `make .venv-sagemaker/.installed` installs it."
        )
    wanted = LocalAws(port=0, state=tmp_path_factory.mktemp("aws"))
    found = process.up(wanted, environ=os.environ, training=(sys.executable, *PATIENT, "train"))
    found.client("s3").create_bucket(Bucket=BUCKET)
    found.client("iam").create_role(RoleName="trainer", AssumeRolePolicyDocument=TRUST)
    yield found
    process.down(wanted)


@pytest.fixture(scope="session")
def outside() -> Iterator[socket.socket]:
    """The way to everywhere but this machine: it ends here."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def launch(aws: LocalAws, outside: socket.socket) -> Launch:
    """Starts `python -m training ... --on sagemaker` as a user does, with credentials of AWS here."""
    proxy = f"http://127.0.0.1:{outside.getsockname()[1]}"
    environ = environment.isolated(os.environ) | {
        "AWS_ENDPOINT_URL": aws.url,
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), proxy),
    }

    def launch(*words: str, out: Path, bucket: str = BUCKET) -> "subprocess.Popen[str]":
        where = ("--on", "sagemaker", "--bucket", bucket, "--out", str(out))
        return subprocess.Popen(
            [sys.executable, *PATIENT, *words, *where],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return launch


def keys(aws: LocalAws, prefix: str) -> Sequence[str]:
    """The keys in the bucket under a prefix."""
    found: dict[str, Any] = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", ())]
