"""Artifact bucket: copies a bundle into it with its manifest and report, and empties it."""

import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from .retry_until_permitted import retry_until_permitted

_MANIFEST = "manifest.json"
# Larger ones are no manifests; the function has 256 MB of memory.
_MAX_MANIFEST_BYTES = 64 << 20
# Codes of single objects, and the seconds before each further attempt:
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_TEMPORARY = ("InternalError", "ServiceUnavailable", "SlowDown")
_PAUSES = (1.0, 2.0, 4.0)


class ArtifactError(Exception):
    """A failure in the bucket; its message is one sentence for the events of the stack."""


def publish(s3: Any, properties: Mapping[str, str]) -> None:
    """Copies the staged bundle to its key in the artifact bucket, inside S3, with its manifest and report.

    The key follows from the content, so an object at it is the right one and is not copied again. A roll-back
    publishes the bundle before again, whose staged copy `cdk gc` may have deleted since. A report may be
    written anew for the same bundle, and then replaces the one before.

    CopyObject copies up to 5 GB: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html

    Raises:
        ArtifactError: The copy does not have the size of the original, or the bundle has no manifest.
        ClientError: S3 refuses a request.
    """
    bundle = {"Bucket": properties["Bucket"], "Key": properties["Key"]}
    if not retry_until_permitted(lambda: _exists(s3, bundle)):
        _copy(s3, {"Bucket": properties["SourceBucket"], "Key": properties["SourceKey"]}, bundle)
    if "ManifestKey" in properties:
        manifest = {"Bucket": properties["Bucket"], "Key": properties["ManifestKey"]}
        if not _exists(s3, manifest):
            s3.put_object(**manifest, Body=_read_manifest(s3, bundle), ContentType="application/json")
    if "ReportKey" in properties:
        source = {"Bucket": properties["SourceBucket"], "Key": properties["ReportSourceKey"]}
        report = {"Bucket": properties["Bucket"], "Key": properties["ReportKey"]}
        if _is_staged(s3, source) or not _exists(s3, report):
            _copy(s3, source, report)


def _read_manifest(s3: Any, bundle: Mapping[str, str]) -> bytes:
    """Reads the manifest out of the archive, as a stream: only the manifest itself is held in memory."""
    try:
        with tarfile.open(fileobj=s3.get_object(**bundle)["Body"], mode="r|gz") as archive:
            for entry in archive:
                content = archive.extractfile(entry) if entry.name == _MANIFEST else None
                if content and entry.size <= _MAX_MANIFEST_BYTES:
                    return content.read()
    except tarfile.TarError as error:
        raise ArtifactError(
            f"The bundle at {bundle['Key']} is not a model.tar.gz: train it again."
        ) from error
    raise ArtifactError(f"The bundle at {bundle['Key']} has no {_MANIFEST}: train it again.")


def _is_staged(s3: Any, source: Mapping[str, str]) -> bool:
    # The bucket of the CDK's assets may not be listed, and S3 answers 403 then for a missing object.
    try:
        s3.head_object(**source)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("403", "404"):
            raise
        return False
    return True


def _copy(s3: Any, source: Mapping[str, str], target: Mapping[str, str]) -> None:
    expected = retry_until_permitted(lambda: s3.head_object(**source))["ContentLength"]
    retry_until_permitted(lambda: s3.copy_object(**target, CopySource=source))
    copied = s3.head_object(**target)["ContentLength"]
    if copied != expected:
        raise ArtifactError(
            f"The copy at {target['Key']} has {copied} bytes, the staged file {expected}: deploy again."
        )


def _exists(s3: Any, target: Mapping[str, str]) -> bool:
    # Without s3:ListBucket on the bucket, S3 answers 403 for a missing object, and not 404:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    try:
        s3.head_object(**target)
    except ClientError as error:
        if error.response["Error"]["Code"] != "404":
            raise
        return False
    return True


def empty(
    s3: Any,
    bucket: str,
    *,
    seconds_left: Callable[[], float],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Deletes every version, delete marker and unfinished upload of a bucket, if the bucket exists.

    Args:
        s3: S3 client of boto3.
        bucket: Name of the bucket.
        seconds_left: Returns the seconds until the function has to respond.
        sleep: Waits for some seconds before objects are deleted again that S3 could not delete at once.

    Raises:
        ArtifactError: The time is over, or S3 did not delete an object.
        ClientError: S3 refuses a request.
    """
    try:
        for versions in _pages_of_versions(s3, bucket):
            if seconds_left() <= 0:
                raise ArtifactError(
                    f"The bucket {bucket} has too many objects for one invocation: delete the stack again."
                )
            _delete(s3, bucket, versions, sleep=sleep)
        for upload in _uploads(s3, bucket):
            # Its lifecycle rule may have ended it, or the request before whose answer was lost.
            with suppress(s3.exceptions.NoSuchUpload):
                s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise


def _delete(
    s3: Any, bucket: str, versions: Sequence[Mapping[str, str]], *, sleep: Callable[[float], None]
) -> None:
    """Deletes versions; S3 may refuse some in a response with status 200, which botocore never repeats.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html

    Raises:
        ArtifactError: S3 did not delete one of them.
    """
    for pause in (*_PAUSES, None):
        response = s3.delete_objects(Bucket=bucket, Delete={"Objects": [*versions], "Quiet": True})
        errors: Sequence[Mapping[str, str]] = response.get("Errors", ())
        if not errors:
            return
        final = next((error for error in errors if error["Code"] not in _TEMPORARY), None)
        if final or pause is None:
            error = final or errors[0]
            raise ArtifactError(
                f"S3 did not delete {error['Key']} from the bucket {bucket}: {error.get('Message', '')}"
            )
        versions = [{"Key": error["Key"], "VersionId": error["VersionId"]} for error in errors]
        sleep(pause)


def _pages_of_versions(s3: Any, bucket: str) -> Iterator[list[dict[str, str]]]:
    # A page has at most 1,000 entries, the limit of one DeleteObjects request.
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        entries = page.get("Versions", []) + page.get("DeleteMarkers", [])
        if entries:
            yield [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]


def _uploads(s3: Any, bucket: str) -> Iterator[dict[str, str]]:
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        yield from page.get("Uploads", [])
