from pathlib import Path

import pytest

from training.progress import SILENT
from training.sagemaker.errors import JobError
from training.sagemaker.launcher import job_request
from training.sagemaker.launcher.job_request import TrainingJobRequest, start_job

REQUEST = TrainingJobRequest(
    name="iris",
    bucket="artifacts",
    prefix="iris/jobs/1",
    image="image",
    role=None,
    hyperparameters={},
    channels={},
    instance_type="ml.m5.large",
    instance_count=1,
    spot=False,
    max_seconds=60,
    metrics=[],
)


def test_without_the_sdk_the_message_has_the_command_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_request, "SDK_PYTHON", tmp_path / "python")

    with pytest.raises(JobError, match=r"run `make \.venv-sagemaker/\.installed`\.$"):
        start_job(REQUEST, SILENT)


def test_an_sdk_process_without_a_response_is_reported_with_its_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 7\n")
    broken.chmod(0o755)
    monkeypatch.setattr(job_request, "SDK_PYTHON", broken)

    with pytest.raises(JobError, match=r"ended with exit code 7 and without a response"):
        start_job(REQUEST, SILENT)
