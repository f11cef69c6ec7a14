"""boto3 clients, and AWS errors as JobError with advice."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from training.aws_region import aws_region
from training.sagemaker.errors import JobError

_DENIED = (
    "grant your credentials, or the role of --role, the permissions that docs/training-on-sagemaker.md lists"
)
_QUOTA = "request a higher quota in the Service Quotas console, or choose another --instance-type"
_ADVICE = {
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "NoSuchBucket": "name an existing bucket with --bucket",
    "ResourceLimitExceeded": _QUOTA,
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "ModuleNotFoundError": "remove .venv-sagemaker and run `make .venv-sagemaker/.installed`",
    NoRegionError.__name__: "set AWS_REGION",
    NoCredentialsError.__name__: "sign in, for example with `aws configure` or `aws sso login`",
}


def aws_client(service: str) -> Any:
    """Returns a boto3 client of one service, with the environment's credentials.

    Raises:
        JobError: When no region is configured.
    """
    with aws_errors(f"The client of {service} was not created"):
        return boto3.client(service, region_name=aws_region())


@contextmanager
def aws_errors(failure: str) -> Iterator[None]:
    """Converts AWS errors of the block to a JobError whose message begins with `failure`.

    Raises:
        JobError: When AWS refused the call, or could not be reached.
    """
    try:
        with _upload_errors():
            yield
    except ClientError as error:
        details = error.response["Error"]
        raise aws_error(failure, details.get("Code", ""), details.get("Message", str(error))) from error
    except BotoCoreError as error:
        raise aws_error(failure, type(error).__name__, str(error)) from error


@contextmanager
def _upload_errors() -> Iterator[None]:
    """Raises the original error of a failed upload, which boto3 wraps in another exception."""
    try:
        yield
    except S3UploadFailedError as error:
        raise error.__context__ or error from None


def aws_error(failure: str, code: str, message: str) -> JobError:
    """Returns a JobError with what failed, AWS's error code and message, and advice for known codes."""
    advice = f" To correct it, {_ADVICE[code]}." if code in _ADVICE else ""
    return JobError(f"{failure} ({code}): {' '.join(message.split()).rstrip('.')}.{advice}")
