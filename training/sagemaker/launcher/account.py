"""The AWS account that the environment's credentials lead to, as far as training needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from training.sagemaker.errors import JobError

_DENIED = (
    "give your credentials, or the role of --role, the permissions that docs/training-on-sagemaker.md lists"
)
_QUOTA = "ask for a higher quota in the Service Quotas console, or choose another --instance-type"
_ADVICE = {
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "NoSuchBucket": "give a bucket that there is with --bucket",
    "ResourceLimitExceeded": _QUOTA,
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "ModuleNotFoundError": "remove .venv-sagemaker and run `make .venv-sagemaker/.installed`",
    NoRegionError.__name__: "set AWS_REGION",
    NoCredentialsError.__name__: "sign in, as with `aws configure` or `aws sso login`",
}


def client(service: str) -> Any:
    """A boto3 client of one service.

    Raises:
        JobError: There is no region.
    """
    with explained(f"{service} cannot be asked"):
        return boto3.client(service)


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turns what AWS refuses within into one sentence that begins with `what`.

    Raises:
        JobError: AWS refused, or could not be reached.
    """
    try:
        with _unwrapped():
            yield
    except ClientError as error:
        told = error.response["Error"]
        raise refusal(what, told.get("Code", ""), told.get("Message", str(error))) from error
    except BotoCoreError as error:
        raise refusal(what, type(error).__name__, str(error)) from error


@contextmanager
def _unwrapped() -> Iterator[None]:
    """Raises what an upload was refused with, which boto3 wraps into a sentence of its own."""
    try:
        yield
    except S3UploadFailedError as error:
        raise error.__context__ or error from None


def refusal(what: str, code: str, message: str) -> JobError:
    """One sentence of what failed, what AWS says of it, and what to do."""
    advice = f" To mend it, {_ADVICE[code]}." if code in _ADVICE else ""
    return JobError(f"{what} ({code}): {' '.join(message.split()).rstrip('.')}.{advice}")
