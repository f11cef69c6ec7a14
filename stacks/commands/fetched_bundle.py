"""A bundle that is in S3, brought to this machine."""

from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from stacks.settings.values import S3_SCHEME

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})
_REASONS = {
    "404": "there is no such bucket or object: check its name",
    "NoSuchBucket": "there is no such bucket: check its name",
    "NoSuchKey": "there is no such object in the bucket: check its key",
    "403": "access is denied: use credentials that may read it",
    "AccessDenied": "access is denied: use credentials that may read it",
    "ExpiredToken": "the credentials have expired: sign in again",
}


class FetchError(Exception):
    """Why a bundle cannot be had from S3, as one sentence."""


def fetch_bundle(uri: str, path: Path, *, region: str | None) -> None:
    """Downloads a bundle, whole or not at all.

    Args:
        uri: Where it is, as s3://bucket/key.
        path: The file it becomes.
        region: Where the stack will be deployed; a bucket elsewhere is refused. None when nobody knows yet.

    Raises:
        FetchError: When it cannot be read, or is not in the region.
    """
    bucket, _, key = uri.removeprefix(S3_SCHEME).partition("/")
    try:
        s3 = boto3.client("s3", region_name=region, config=_CONFIG)
        _check_region(uri, _bucket_region(s3, bucket), region)
        _download(s3.get_object(Bucket=bucket, Key=key)["Body"], path)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise FetchError(_sentence(uri, _REASONS.get(code, f"S3 answers {code}"))) from error
    except (BotoCoreError, OSError) as error:
        raise FetchError(_sentence(uri, str(error).rstrip("."))) from error


def _bucket_region(s3: Any, bucket: str) -> str | None:
    try:
        answer = s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        # Whoever may read the object need not be allowed to ask for its bucket, and is told the region.
        if error.response["Error"]["Code"] != "403":
            raise
        answer = error.response
    region: str | None = answer["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
    return region


def _check_region(uri: str, found: str | None, wanted: str | None) -> None:
    if found and wanted and found != wanted:
        reason = f"its bucket is in {found}, and the stack goes to {wanted}: copy it to a bucket there"
        raise FetchError(_sentence(uri, reason))


def _download(body: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        for chunk in body.iter_chunks():
            file.write(chunk)
    partial.replace(path)


def _sentence(uri: str, reason: str) -> str:
    return f"The setting bundle is {uri!r}, and it cannot be fetched: {reason}."
