"""Flights files in S3, downloaded once into the cache."""

from pathlib import Path, PurePosixPath
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from training.aws_region import aws_region
from training.data.data_options import DataOptions
from training.data.retries import CONNECT_SECONDS
from training.data.temporary_folder import temporary_folder
from training.errors import TrainingError

# Folders of downloads that are not yet known to be the listed object.
_UNCHECKED = "s3-new-"


def download_objects(uri: str, suffixes: tuple[str, ...], options: DataOptions) -> list[Path]:
    """Downloads the object of that URI, or all objects below it with these suffixes, and lists their files.

    An object is downloaded again when its ETag has changed.

    Raises:
        TrainingError: When there is no such object, access is denied, or an object is replaced meanwhile.
    """
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    try:
        options.progress.step(f"asking S3 for {uri}")
        config = Config(connect_timeout=CONNECT_SECONDS)
        client = boto3.client("s3", region_name=aws_region(), config=config)
        found = _objects(client, bucket, prefix, suffixes)
        paths = [_download(client, bucket, item, options) for item in found]
    except (ClientError, BotoCoreError) as error:
        raise TrainingError(f"{uri} cannot be read ({error}): {_advice(error)}.") from error
    if not paths:
        raise TrainingError(
            f"{uri} has no object that ends in {', '.join(suffixes)}: check the key or the prefix."
        )
    return paths


def _advice(error: Exception) -> str:
    """Returns what to do about an error of S3, as part of a sentence."""
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html
    if "InvalidObjectState" in str(error):
        return (
            "restore it from its archive with `aws s3api restore-object`, and try again when it is restored"
        )
    return "check its name and your credentials"


def _objects(client: Any, bucket: str, prefix: str, suffixes: tuple[str, ...]) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    items = [item for page in pages for item in page.get("Contents", ())]
    exact = [item for item in items if item["Key"] == prefix]
    return exact or [
        item
        for item in items
        if item["Key"].lower().endswith(suffixes) and not _is_hidden(item["Key"].removeprefix(prefix))
    ]


def _is_hidden(key: str) -> bool:
    """Whether an object is one that other programs keep beside the data, such as Spark's unfinished files."""
    return any(part.startswith(("_", ".")) for part in PurePosixPath(key).parts)


def _download(client: Any, bucket: str, item: dict[str, Any], options: DataOptions) -> Path:
    key, version = str(item["Key"]), str(item["ETag"]).strip('"')
    # Names of folders such as month=12 are columns of Parquet files.
    folders = [name for name in PurePosixPath(key).parent.parts if "=" in name]
    path = Path(options.cache, "s3", bucket, version, *folders, PurePosixPath(key).name)
    if path.exists():
        options.progress.step(f"s3://{bucket}/{key}: in the cache")
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary_folder(options.cache, _UNCHECKED) as folder:
        new = folder / path.name
        with options.progress.transfer(f"s3://{bucket}/{key}", 0, item["Size"]) as advance:
            client.download_file(bucket, key, str(new), Callback=advance)
        _check_version(client, bucket, item)
        # The folder is in the cache too, so that an existing file is complete.
        new.replace(path)
    return path


def _check_version(client: Any, bucket: str, item: dict[str, Any]) -> None:
    """Raises TrainingError when an object is no longer the one that was listed.

    boto3's download takes no condition: https://boto3.amazonaws.com/v1/documentation/api/latest/reference/customizations/s3.html
    """
    try:
        client.head_object(Bucket=bucket, Key=item["Key"], IfMatch=item["ETag"])
    except ClientError as error:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html: 412 Precondition Failed
        if error.response["Error"]["Code"] not in ("412", "404"):
            raise
        raise TrainingError(
            f"s3://{bucket}/{item['Key']} was replaced or removed while it was downloaded: run the "
            "command again."
        ) from error
