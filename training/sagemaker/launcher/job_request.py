"""Request to start a training job, which is passed to the SageMaker Python SDK in its own environment."""

import subprocess
from pathlib import Path

import msgspec

from training.progress import Progress
from training.sagemaker.errors import JobError
from training.sagemaker.launcher.aws_client import aws_error

ROOT = Path(__file__).parents[3]
SDK_PYTHON = ROOT / ".venv-sagemaker" / "bin" / "python"
SDK_PROGRAM = Path(__file__).with_name("sagemaker_sdk.py")
_ROLE_ERROR = "RoleValidationError"


class TrainingJobRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A training job to start.

    Attributes:
        name: Base of the job's generated name.
        bucket: Bucket of the job's input and output.
        prefix: Key prefix of the job's input and output.
        image: URI of the training image.
        role: ARN of the execution role; None for the caller's own role.
        hyperparameters: Hyperparameters, as strings.
        channels: S3 URI of each input channel, by name.
        instance_type: Instance type, such as ml.m5.xlarge.
        instance_count: Number of instances.
        spot: Whether to use spot instances.
        max_seconds: Longest run time.
        metrics: Metric definitions: name and regex.
    """

    name: str
    bucket: str
    prefix: str
    image: str
    role: str | None
    hyperparameters: dict[str, str]
    channels: dict[str, str]
    instance_type: str
    instance_count: int
    spot: bool
    max_seconds: int
    metrics: list[dict[str, str]]


class TrainingJobResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a request.

    Attributes:
        job: Name of the job; "" when it was not started.
        code: AWS's error code, or the name of the exception.
        message: Message of the error.
    """

    job: str = ""
    code: str = ""
    message: str = ""


def start_job(request: TrainingJobRequest, progress: Progress) -> str:
    """Starts a job with the SageMaker Python SDK.

    Returns:
        The name of the job.

    Raises:
        JobError: When the job was not started.
    """
    if not SDK_PYTHON.exists():
        raise JobError("The SageMaker Python SDK is not installed: run `make .venv-sagemaker/.installed`.")
    progress.step("starting a training job with the SageMaker Python SDK")
    # Isolated mode keeps the folder `sagemaker` of this project off the SDK's import path.
    process = subprocess.run(
        [SDK_PYTHON, "-I", SDK_PROGRAM],
        input=msgspec.json.encode(request),
        stdout=subprocess.PIPE,
        check=False,
    )
    try:
        response = msgspec.json.decode(process.stdout, type=TrainingJobResponse)
    except msgspec.DecodeError as error:
        raise JobError(
            f"The SageMaker Python SDK ended with exit code {process.returncode} and without a response."
        ) from error
    if response.code == _ROLE_ERROR:
        raise JobError(
            "Your credentials are not those of a role that SageMaker can assume: name one with --role whose "
            "trust policy allows sagemaker.amazonaws.com."
        )
    if not response.job:
        raise aws_error("The training job was not started", response.code, response.message)
    return response.job
