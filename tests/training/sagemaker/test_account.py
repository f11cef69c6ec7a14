from pathlib import Path

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from training.progress import SILENT
from training.sagemaker.errors import JobError
from training.sagemaker.launcher import launcher
from training.sagemaker.launcher.aws_client import explained
from training.sagemaker.launcher.job_request import Order

ORDER = Order(
    name="iris",
    bucket="artifacts",
    prefix="iris/jobs/1",
    image="image",
    role=None,
    hyperparameters={},
    channel=None,
    instance_type="ml.m5.large",
    instance_count=1,
    spot=False,
    max_seconds=60,
    metrics=[],
)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("AccessDeniedException", "give your credentials, or the role of --role, the permissions"),
        ("ResourceLimitExceeded", "ask for a higher quota in the Service Quotas console"),
        ("NoSuchBucket", "give a bucket that there is with --bucket"),
        ("ExpiredTokenException", "sign in again"),
    ],
)
def test_what_aws_refuses_is_one_sentence_with_what_to_do(code: str, advice: str) -> None:
    refused = ClientError({"Error": {"Code": code, "Message": "It cannot\n be."}}, "CreateTrainingJob")

    with pytest.raises(JobError) as told, explained("The training job was not started"):
        raise refused

    said = str(told.value)
    assert said.startswith(f"The training job was not started ({code}): It cannot be. To mend it, {advice}")


def test_what_nobody_has_met_is_told_as_aws_tells_it() -> None:
    refused = ClientError({"Error": {"Code": "Strange", "Message": "It is strange."}}, "CreateTrainingJob")

    with pytest.raises(JobError, match=r"^It failed \(Strange\): It is strange\.$"), explained("It failed"):
        raise refused


def test_a_machine_without_credentials_is_told_to_sign_in() -> None:
    with pytest.raises(JobError, match=r"NoCredentialsError.* sign in, as with"), explained("It failed"):
        raise NoCredentialsError


def test_without_the_sdk_it_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "PYTHON", tmp_path / "python")

    with pytest.raises(JobError, match=r"run `make \.venv-sagemaker/\.installed`\.$"):
        launcher.start(ORDER, SILENT)


def test_an_sdk_that_breaks_off_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 7\n")
    broken.chmod(0o755)
    monkeypatch.setattr(launcher, "PYTHON", broken)

    with pytest.raises(JobError, match=r"broke off with exit code 7"):
        launcher.start(ORDER, SILENT)
