"""What the custom resource does in the artifact bucket."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from botocore.exceptions import ClientError

SECONDS_FOR_PERMISSIONS = 30.0
Result = TypeVar("Result")


class ArtifactError(Exception):
    """What went wrong in the bucket, as one sentence for the stack's events."""


def publish(s3: Any, properties: Mapping[str, str]) -> None:
    """Copies the staged bundle to its key in the artifact bucket, inside S3.

    One copy carries up to 5 GB: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html

    Raises:
        ArtifactError: When the copy does not have the size of the original.
        ClientError: When S3 refuses.
    """
    source = {"Bucket": properties["SourceBucket"], "Key": properties["SourceKey"]}
    target = {"Bucket": properties["Bucket"], "Key": properties["Key"]}
    expected = once_permitted(lambda: s3.head_object(**source))["ContentLength"]
    once_permitted(lambda: s3.copy_object(**target, CopySource=source))
    copied = s3.head_object(**target)["ContentLength"]
    if copied != expected:
        raise ArtifactError(
            f"The copy at {target['Key']} has {copied} bytes, the staged bundle {expected}: deploy again."
        )


def once_permitted(call: Callable[[], Result], *, seconds: float = SECONDS_FOR_PERMISSIONS) -> Result:
    """The result of `call`, tried again while S3 denies access.

    The stack gives the permission moments before, and IAM takes a while to spread it:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency

    Raises:
        ClientError: When access is still denied after `seconds`, or S3 refuses for another reason.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return call()
        except ClientError as error:
            denied = error.response["Error"]["Code"] in ("403", "AccessDenied")
            if not denied or time.monotonic() >= deadline:
                raise
            time.sleep(min(1.0, seconds / 10))


def empty(s3: Any, bucket: str, *, seconds_left: Callable[[], float]) -> None:
    """Deletes every version, delete marker and unfinished upload of a bucket; one that is gone is empty.

    Args:
        s3: Client of boto3.
        bucket: Name of the bucket.
        seconds_left: How long this may still take.

    Raises:
        ArtifactError: When time runs out or S3 keeps an object.
        ClientError: When S3 refuses.
    """
    try:
        for doomed in _versions(s3, bucket):
            if seconds_left() <= 0:
                raise ArtifactError(
                    f"The bucket {bucket} holds too much to empty at once: delete the stack again."
                )
            kept = s3.delete_objects(Bucket=bucket, Delete={"Objects": doomed, "Quiet": True}).get("Errors")
            if kept:
                raise ArtifactError(
                    f"The bucket {bucket} keeps {kept[0]['Key']}: {kept[0].get('Message', '')}"
                )
        for upload in _uploads(s3, bucket):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def _versions(s3: Any, bucket: str) -> Iterator[list[dict[str, str]]]:
    # A page has 1,000 entries at most, which is what one deletion takes.
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        entries = page.get("Versions", []) + page.get("DeleteMarkers", [])
        if entries:
            yield [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]


def _uploads(s3: Any, bucket: str) -> Iterator[dict[str, str]]:
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        yield from page.get("Uploads", [])
