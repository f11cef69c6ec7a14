"""Objects that a run reads and writes: the objects of a prefix, and the place of the results."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.scored_file_formats import (
    FileError,
    check_packed_size,
    check_result_keys,
    format_of,
    is_scored,
    unpacked_name,
)
from stacks.commands.aws_account import AwsAccount
from stacks.commands.transform.s3_folder import S3Folder
from stacks.settings.parsers import S3_SCHEME

# In the names of the results of an object that is scored in ranges.
_RANGE = re.compile(r"\.part-\d{5,}(?=\.[a-z]+$)", re.IGNORECASE)


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html
_ARCHIVES = ("GLACIER", "DEEP_ARCHIVE")
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
_RESTORED = 'ongoing-request="false"'


class ScoringRunError(Exception):
    """A run cannot start, or has failed; the message says in one sentence what is wrong, and what to do."""


@dataclass(frozen=True, kw_only=True)
class ScoringPlan:
    """Input of a run.

    Attributes:
        bucket: Bucket of the objects.
        prefix: Prefix of their keys.
        objects: Key and bytes of each object with rows.
        output: Prefix of the results, which ends in a slash.
    """

    bucket: str
    prefix: str
    objects: Sequence[tuple[str, int]]
    output: str

    @property
    def size(self) -> int:
        """Bytes of all objects."""
        return sum(size for _, size in self.objects)

    @property
    def output_url(self) -> str:
        """S3 URI of the results."""
        return f"{S3_SCHEME}{self.bucket}/{self.output}"


def make_plan(
    account: AwsAccount, outputs: Mapping[str, str], *, source: str, out: str | None, run: str
) -> ScoringPlan:
    """Lists the objects of a run, and checks that it can read and write.

    Args:
        account: Account of the stack.
        outputs: Outputs of the stack.
        source: S3 URI of an object, or of a prefix; or path of a file of this machine, which is uploaded.
        out: S3 URI of the results; None for a folder of the run.
        run: Name of the run.

    Raises:
        ScoringRunError: When the stack cannot read the objects, or the place of the results is not free.
        UnreadableAccountError: When S3 refuses.
    """
    folder = outputs["ScoringFolder"]
    allowed, root = _parsed(f"{folder}/")
    if not source.startswith(S3_SCHEME):
        source = _uploaded(S3Folder(account, folder), Path(source), run=run)
    bucket, prefix = _parsed(source)
    output_bucket, output = _parsed(out) if out else (allowed, f"{root}{run}/")
    output = f"{output.rstrip('/')}/"
    for url, (place, key) in ((source, (bucket, prefix)), (out or folder, (output_bucket, output))):
        if place != allowed or not key.startswith(root):
            raise ScoringRunError(
                f"The stack may not use {url}: name a folder in {folder}/, which the setting scoring_data "
                "decides."
            )
    if output.startswith(prefix):
        raise ScoringRunError(
            f"The results in {S3_SCHEME}{allowed}/{output} would be among the files of {source}: name a "
            f"folder of files, such as {folder}/in/."
        )
    objects, archived = _list(account, bucket, prefix)
    if not objects:
        raise ScoringRunError(f"There is no object with rows in {source}: name another prefix.")
    _check_names([key for key, _ in objects], source, prefix, output)
    _check_archived(account, bucket, archived)
    if _list(account, allowed, output)[0]:
        raise ScoringRunError(f"There are objects in {S3_SCHEME}{allowed}/{output}: name another folder.")
    return ScoringPlan(bucket=bucket, prefix=prefix, objects=objects, output=output)


def _uploaded(folder: S3Folder, path: Path, *, run: str) -> str:
    """Uploads a file of this machine; returns its S3 URI."""
    if not path.is_file():
        raise ScoringRunError(f"There is no file {path}: name a file, or s3://BUCKET/PREFIX/.")
    try:
        format_of(path.name)
    except FileError as error:
        raise ScoringRunError(str(error)) from error
    key = folder.key("in", run, path.name)
    folder.upload(path, key)
    return folder.url_of(key)


def _check_names(keys: Sequence[str], source: str, prefix: str, output: str) -> None:
    """Refuses a folder whose name begins those of others, and names of results that S3 cannot hold."""
    try:
        for key in keys:
            check_result_keys(key, prefix=prefix, output=output)
    except FileError as error:
        raise ScoringRunError(str(error)) from error
    # A slash after the one of a folder is part of a name in it.
    inside = [key for key in keys if key.startswith(f"{prefix}/") and not prefix.endswith("/")]
    outside = [key for key in keys if not key.startswith(f"{prefix}/")]
    if inside and outside:
        raise ScoringRunError(
            f"{source} is the beginning of {inside[0]} and of {outside[0]}: name {source}/ for the folder."
        )
    results = {unpacked_name(key): key for key in keys}
    for key in keys:
        name = unpacked_name(key)
        whole = _RANGE.sub("", name)
        other = results[name] if whole == name else results.get(whole, key)
        if other != key:
            raise ScoringRunError(
                f"The results of {key} and {other} would have the same name: rename one of them, or name a "
                "prefix for each."
            )


def _parsed(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix(S3_SCHEME).partition("/")
    if not url.startswith(S3_SCHEME) or not bucket:
        raise ScoringRunError(f"{url} is no URI of S3: name s3://BUCKET/PREFIX/.")
    return bucket, key


def _check_region(account: AwsAccount, bucket: str, page: Mapping[str, Any]) -> None:
    """Refuses a bucket of another region: boto3 finds it, and Step Functions does not.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
    """
    headers = page.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get("x-amz-bucket-region", "")
    if region and region != account.region:
        raise ScoringRunError(
            f"The bucket {bucket} is in {region}, and the stack in {account.region}: set scoring_data to a "
            f"folder of a bucket in {account.region}, copy the files there, and deploy."
        )


def _check_archived(account: AwsAccount, bucket: str, keys: Sequence[str]) -> None:
    """Refuses objects of an archive that have no restored copy.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html
    """
    for key in keys:
        head = account.read("s3", "head_object", action="s3:GetObject", Bucket=bucket, Key=key)
        if _RESTORED not in head.get("Restore", ""):
            raise ScoringRunError(
                f"{key} has the storage class {head['StorageClass']}, an archive, and no restored copy: "
                f"restore it with `aws s3api restore-object --bucket {bucket} --key '{key}' "
                "--restore-request Days=7`, wait until it is restored, and start again."
            )


def _list(account: AwsAccount, bucket: str, prefix: str) -> tuple[list[tuple[str, int]], list[str]]:
    """Lists the objects with rows, and the keys of those in an archive.

    Raises:
        ScoringRunError: When one cannot be scored.
    """
    found: list[tuple[str, int]] = []
    archived: list[str] = []
    more: dict[str, Any] = {}
    while True:
        page = account.read(
            "s3", "list_objects_v2", action="s3:ListBucket", Bucket=bucket, Prefix=prefix, **more
        )
        found += [(each["Key"], each["Size"]) for each in page.get("Contents", ())]
        _check_region(account, bucket, page)
        archived += [
            each["Key"] for each in page.get("Contents", ()) if each.get("StorageClass") in _ARCHIVES
        ]
        if not page.get("IsTruncated"):
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}
    rows = [(key, size) for key, size in found if is_scored(key, prefix)]
    try:
        for key, size in rows:
            check_packed_size(key, size)
    except FileError as error:
        raise ScoringRunError(str(error)) from error
    return rows, [key for key in archived if is_scored(key, prefix)]
