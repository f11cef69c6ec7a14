"""Objects with captured data: in a bucket of S3, or in a folder with the same layout."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

# Endpoint, variant, and the hour of the captured calls:
# https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-data-capture-endpoint.html
_HOUR = re.compile(r"(\d{4}/\d{2}/\d{2}/\d{2})/[^/]+\Z")
HOUR_FORMAT = "%Y/%m/%d/%H"


class CapturesError(Exception):
    """Captured data cannot be read; the message is one sentence."""


class CaptureObject(NamedTuple):
    """An object with captured calls of one hour.

    Attributes:
        hour: The hour in UTC, as in its key: "2026/02/14/17".
        key: Its key.
    """

    hour: str
    key: str


class CaptureStore(Protocol):
    """Place of captured data."""

    @property
    def url(self) -> str:
        """URL or path of the place, for people."""

    def objects(self, *, first_hour: str, last_hour: str) -> Iterator[CaptureObject]:
        """Yields the objects of an inclusive range of hours, in any order; "" leaves an end open."""

    def lines(self, key: str) -> Iterable[bytes]:
        """Yields the lines of an object."""


class S3CaptureStore:
    """Captured data below a prefix of a bucket.

    Args:
        client: A boto3 client of S3 that may list the bucket and get the objects.
        bucket: Name of the bucket.
        prefix: Prefix of the keys, such as "captures/".
    """

    def __init__(self, client: Any, *, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self.url = f"s3://{bucket}/{prefix}"

    def objects(self, *, first_hour: str, last_hour: str) -> Iterator[CaptureObject]:
        """Yields the objects of an inclusive range of hours; raises CapturesError when S3 refuses."""
        for endpoint in self._folders(self._prefix):
            for variant in self._folders(endpoint):
                yield from self._of_variant(variant, first_hour, last_hour)

    def lines(self, key: str) -> Iterator[bytes]:
        """Yields the lines of an object, none of one that is gone; raises CapturesError when S3 refuses."""
        try:
            yield from self._client.get_object(Bucket=self._bucket, Key=key)["Body"].iter_lines()
        except self._client.exceptions.NoSuchKey:
            # Captured data expires, also between its listing and its reading.
            return
        except (BotoCoreError, ClientError) as error:
            raise self._unreadable(error) from error

    def _of_variant(self, variant: str, first_hour: str, last_hour: str) -> Iterator[CaptureObject]:
        start = {"StartAfter": variant + first_hour} if first_hour else {}
        for page in self._pages(Prefix=variant, **start):
            for found in page.get("Contents", ()):
                hour = _HOUR.search(found["Key"])
                if hour is None:
                    continue
                if last_hour and hour[1] > last_hour:
                    # Keys of a variant are in the order of time.
                    return
                yield CaptureObject(hour[1], found["Key"])

    def _folders(self, prefix: str) -> Iterator[str]:
        """Yields the prefixes one level below, unless this is already the level of years."""
        names = [
            found["Prefix"]
            for page in self._pages(Prefix=prefix, Delimiter="/")
            for found in page.get("CommonPrefixes", ())
        ]
        is_variant = any(re.fullmatch(r"\d{4}/", name.removeprefix(prefix)) for name in names)
        yield from [prefix] if is_variant else names

    def _pages(self, **parameters: Any) -> Iterator[Any]:
        try:
            yield from self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, **parameters
            )
        except (BotoCoreError, ClientError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> CapturesError:
        return CapturesError(
            f"The captured data in {self.url} cannot be read ({str(error).rstrip('. ')}): allow "
            "s3:ListBucket and s3:GetObject to the caller, and check the region."
        )


class FolderCaptureStore:
    """Captured data in a folder, as `aws s3 sync` copies it.

    Args:
        folder: The folder; its files are in folders of endpoint, variant, year, month, day and hour.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = str(folder)

    def objects(self, *, first_hour: str, last_hour: str) -> Iterator[CaptureObject]:
        """Yields the files of an inclusive range of hours; raises CapturesError when there is no folder."""
        if not self._folder.is_dir():
            raise CapturesError(f"{self._folder} is no folder: name a folder with captured data.")
        for path in self._folder.rglob("*.jsonl"):
            hour = _HOUR.search(path.as_posix())
            if hour and first_hour <= hour[1] and (not last_hour or hour[1] <= last_hour):
                yield CaptureObject(hour[1], str(path))

    def lines(self, key: str) -> Iterator[bytes]:
        """Yields the lines of a file; raises CapturesError when it cannot be read."""
        try:
            with Path(key).open("rb") as file:
                yield from file
        except OSError as error:
            raise CapturesError(f"{key} cannot be read: {error.strerror}.") from error
