"""The bundle on its way from S3 into a Lambda function, where no hosting has put it on the disk before."""

import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from bundle import Bundle, BundleError, read_archive

# A function has ten seconds to start: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
_CONFIG = Config(connect_timeout=1, read_timeout=4, retries={"mode": "standard", "total_max_attempts": 2})


class ModelDataError(Exception):
    """The bundle cannot be had; the message is one sentence for the operator."""


def fetch(url: str) -> Bundle:
    """Reads the bundle at an S3 URI.

    Args:
        url: Its address, s3://bucket/key.

    Raises:
        ModelDataError: When there is none to be had, or it is not a bundle that may be served.
    """
    place = urlsplit(url)
    if place.scheme != "s3" or not place.netloc or not place.path.strip("/"):
        raise ModelDataError(f"MODEL_DATA_URL is {url!r}: it must be the bundle's address, s3://bucket/key.")
    try:
        content = _download(place.netloc, place.path.lstrip("/"))
    except (BotoCoreError, ClientError) as error:
        raise ModelDataError(f"The bundle {url} cannot be read: {error}") from error
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
        archive.write(content)
        archive.flush()
        try:
            return read_archive(Path(archive.name))
        except BundleError as error:
            raise ModelDataError(f"The bundle {url} cannot be served: {error}") from error


def _download(bucket: str, key: str) -> bytes:
    body: bytes = boto3.client("s3", config=_CONFIG).get_object(Bucket=bucket, Key=key)["Body"].read()
    return body
