"""Files of flights in S3, fetched once."""

from pathlib import Path, PurePosixPath
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from training.data.request import DataRequest
from training.errors import TrainingError


def downloaded(uri: str, suffixes: tuple[str, ...], request: DataRequest) -> list[Path]:
    """The object of that URI, or all below it of these kinds, in the cache.

    Raises:
        TrainingError: When there is none, or it may not be read.
    """
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    try:
        client = boto3.client("s3")
        found = _found(client, bucket, prefix, suffixes)
        paths = [_fetched(client, bucket, item, request) for item in found]
    except (ClientError, BotoCoreError) as error:
        raise TrainingError(
            f"{uri} cannot be read ({error}): check its name and your credentials."
        ) from error
    if not paths:
        raise TrainingError(f"{uri} holds nothing that ends in {', '.join(suffixes)}.")
    return paths


def _found(client: Any, bucket: str, prefix: str, suffixes: tuple[str, ...]) -> list[dict[str, Any]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    items = [item for page in pages for item in page.get("Contents", ())]
    exact = [item for item in items if item["Key"] == prefix]
    return exact or [item for item in items if item["Key"].lower().endswith(suffixes)]


def _fetched(client: Any, bucket: str, item: dict[str, Any], request: DataRequest) -> Path:
    key, version = str(item["Key"]), str(item["ETag"]).strip('"')
    path = request.cache / "s3" / bucket / version / PurePosixPath(key).name
    if path.exists():
        request.progress.step(f"s3://{bucket}/{key}: in the cache")
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    with request.progress.transfer(f"s3://{bucket}/{key}", 0, item["Size"]) as advance:
        # Written beside and renamed by boto3, so what is there is whole.
        client.download_file(bucket, key, str(path), Callback=advance)
    return path
