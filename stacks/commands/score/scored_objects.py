"""Objects that a run reads and writes: the objects of a prefix, and the place of the results."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.scored_file_formats import MOST_PACKED_BYTES, FileError, format_of, is_scored, unpacked_name
from stacks.commands.aws_account import AwsAccount
from stacks.commands.transform.s3_folder import S3Folder
from stacks.settings.parsers import S3_SCHEME

# In the names of the results of an object that is scored in ranges.
_RANGE = re.compile(r"\.part-\d{5,}(?=\.[a-z]+$)", re.IGNORECASE)


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
    objects = _list(account, bucket, prefix)
    if not objects:
        raise ScoringRunError(f"There is no object with rows in {source}: name another prefix.")
    _check_names([key for key, _ in objects], source, prefix)
    if _list(account, allowed, output):
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


def _check_names(keys: Sequence[str], source: str, prefix: str) -> None:
    """Refuses a folder whose name begins those of others, and objects whose results have one name."""
    inside = [key for key in keys if key.startswith(f"{prefix}/")]
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


def _list(account: AwsAccount, bucket: str, prefix: str) -> list[tuple[str, int]]:
    """Lists the objects with rows; raises ScoringRunError when one cannot be scored."""
    found: list[tuple[str, int]] = []
    more: dict[str, Any] = {}
    while True:
        page = account.read(
            "s3", "list_objects_v2", action="s3:ListBucket", Bucket=bucket, Prefix=prefix, **more
        )
        found += [(each["Key"], each["Size"]) for each in page.get("Contents", ())]
        if not page.get("IsTruncated"):
            break
        more = {"ContinuationToken": page["NextContinuationToken"]}
    rows = [(key, size) for key, size in found if is_scored(key, prefix)]
    for key, size in rows:
        try:
            form = format_of(key)
        except FileError as error:
            raise ScoringRunError(str(error)) from error
        if form.is_packed and size > MOST_PACKED_BYTES:
            raise ScoringRunError(
                f"{key} has {size:,} bytes, and {MOST_PACKED_BYTES:,} are the most of a compressed object: "
                "store it uncompressed, which several calls can read in ranges."
            )
    return rows
