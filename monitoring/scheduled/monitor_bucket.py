"""Artifact bucket of the monitor: the released bundle, files of outcomes, and the pages that it writes."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bundle import Manifest, read_archive
from monitoring.captures.capture_store import S3CaptureStore

_S3_SCHEME = "s3://"


class MonitorBucket:
    """Objects of one bucket.

    Args:
        client: A boto3 client of S3.
        name: Name of the bucket.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def captures(self, prefix: str) -> S3CaptureStore:
        """Returns the captured data below a prefix."""
        return S3CaptureStore(self._client, bucket=self._name, prefix=prefix)

    def read_manifest(self, url: str) -> Manifest:
        """Reads the manifest of a bundle, which may be in another bucket.

        Raises:
            BundleError: The object is no bundle.
        """
        bucket, _, key = url.removeprefix(_S3_SCHEME).partition("/")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.tar.gz")
            path.write_bytes(self._client.get_object(Bucket=bucket, Key=key)["Body"].read())
            return read_archive(path).manifest

    def newest_files(self, prefix: str, *, since: datetime) -> Iterator[tuple[str, int]]:
        """Yields key and bytes of the objects below a prefix that were written since, the newest first."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix)
        found = [
            (entry["LastModified"], entry["Key"], entry["Size"])
            for page in pages
            for entry in page.get("Contents", ())
            if entry["LastModified"] >= since and not entry["Key"].endswith("/")
        ]
        for _, key, size in sorted(found, reverse=True):
            yield key, size

    def read(self, key: str) -> bytes | None:
        """Reads an object; None when it has been deleted since it was listed."""
        try:
            body: bytes = self._client.get_object(Bucket=self._name, Key=key)["Body"].read()
        except self._client.exceptions.NoSuchKey:
            return None
        return body

    def write(self, key: str, body: bytes, *, content_type: str) -> None:
        """Writes an object."""
        self._client.put_object(Bucket=self._name, Key=key, Body=body, ContentType=content_type)
