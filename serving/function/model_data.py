"""The bundle on its way from S3 into a Lambda function, where no hosting has put it on the disk before."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from bundle import Bundle, BundleError, read_archive
from serving.function.s3 import S3, SCHEME, S3Error


class ModelDataError(Exception):
    """The bundle cannot be had; the message is one sentence for the operator."""


class ModelData(NamedTuple):
    """A bundle that was read.

    Attributes:
        bundle: The bundle.
        etag: What S3 calls this content of its object.
    """

    bundle: Bundle
    etag: str


class ModelSource:
    """Where bundles come from: one object in S3.

    Args:
        url: Its address, s3://bucket/key.
        s3: How it is read.

    Attributes:
        url: The same address.

    Raises:
        ModelDataError: When that is no such address.
    """

    def __init__(self, url: str, s3: S3) -> None:
        bucket, _, key = url.removeprefix(SCHEME).partition("/")
        if not url.startswith(SCHEME) or not bucket or not key:
            raise ModelDataError(f"The bundle's address is {url!r}: it must be s3://bucket/key.")
        self.url = url
        self._s3 = s3

    def fetch(self, *, seconds: float) -> ModelData:
        """Reads the bundle.

        Args:
            seconds: How long reading it from S3 may take.

        Raises:
            ModelDataError: When there is none to be had, or it is not a bundle that may be served.
        """
        found = self.fetch_unless("", seconds=seconds)
        if found is None:
            raise ModelDataError(f"The bundle {self.url} cannot be read: S3 sends nothing.")
        return found

    def fetch_unless(self, etag: str, *, seconds: float) -> ModelData | None:
        """Reads the bundle, unless its object is the one with this ETag.

        Raises:
            ModelDataError: As `fetch`.
        """
        try:
            content = self._s3.read(self.url, seconds=seconds, unless=etag)
        except S3Error as error:
            raise ModelDataError(f"The bundle {self.url} cannot be read: {error}.") from error
        return content and ModelData(self._unpack(content.body), content.etag)

    def _unpack(self, content: bytes) -> Bundle:
        with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
            archive.write(content)
            archive.flush()
            try:
                return read_archive(Path(archive.name))
            except BundleError as error:
                raise ModelDataError(f"The bundle {self.url} cannot be served: {error}") from error
