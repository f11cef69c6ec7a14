"""Download of a bundle from S3."""

from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from stacks.settings.parsers import S3_SCHEME

_CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})
_REASONS = {
    "404": "there is no such bucket or object: check its name",
    "NoSuchBucket": "there is no such bucket: check its name",
    "NoSuchKey": "there is no such object in the bucket: check its key",
    "403": "access is denied: use credentials with s3:GetObject on it",
    "AccessDenied": "access is denied: use credentials with s3:GetObject on it",
    "ExpiredToken": "the credentials have expired: sign in again",
}


class DownloadError(Exception):
    """A bundle cannot be downloaded from S3; the message is one sentence."""


def download_bundle(uri: str, path: Path, *, region: str | None, profile: str | None = None) -> None:
    """Downloads a bundle atomically: `path` is either the complete object or left as it was.

    Args:
        uri: S3 URI of the bundle, s3://bucket/key.
        path: Destination file.
        region: Region of the deployment, which the bucket must be in; None when it is unknown.
        profile: AWS profile; None for the default credentials.

    Raises:
        DownloadError: When the object cannot be read or its bucket is in another region.
    """
    bucket, _, key = uri.removeprefix(S3_SCHEME).partition("/")
    try:
        s3 = boto3.Session(profile_name=profile, region_name=region).client("s3", config=_CONFIG)
        _check_region(uri, _bucket_region(s3, bucket), region)
        _download(s3.get_object(Bucket=bucket, Key=key)["Body"], path)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        raise DownloadError(_sentence(uri, _REASONS.get(code, f"S3 answers {code}"))) from error
    except (BotoCoreError, OSError) as error:
        raise DownloadError(_sentence(uri, str(error).rstrip("."))) from error


def _bucket_region(s3: Any, bucket: str) -> str | None:
    try:
        response = s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        # Credentials without s3:ListBucket get 403, with the region in its headers.
        if error.response["Error"]["Code"] != "403":
            raise
        response = error.response
    region: str | None = response["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
    return region


def _check_region(uri: str, found: str | None, wanted: str | None) -> None:
    if found and wanted and found != wanted:
        reason = f"its bucket is in {found}, and the stack is deployed to {wanted}: copy it to a bucket there"
        raise DownloadError(_sentence(uri, reason))


def _download(body: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        for chunk in body.iter_chunks():
            file.write(chunk)
    partial.replace(path)


def _sentence(uri: str, reason: str) -> str:
    return f"The setting bundle is {uri!r}, and it cannot be downloaded: {reason}."
