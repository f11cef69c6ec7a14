"""Model data of a Lambda function: the bundle that it reads from S3 itself."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from bundle import Bundle, BundleError, read_archive
from serving.lambda_function.s3 import SCHEME, S3Client, S3Error


class ModelDataError(Exception):
    """The bundle cannot be read or served; the message is one sentence for the operator."""


class ModelData(NamedTuple):
    """A bundle read from S3.

    Attributes:
        bundle: The bundle.
        etag: ETag of its object.
    """

    bundle: Bundle
    etag: str


class ModelSource:
    """Reads bundles from one object in S3.

    Args:
        url: S3 URI of the object, s3://bucket/key.
        s3: Client of S3.

    Attributes:
        url: S3 URI of the object.

    Raises:
        ModelDataError: When `url` is not an S3 URI.
    """

    def __init__(self, url: str, s3: S3Client) -> None:
        bucket, _, key = url.removeprefix(SCHEME).partition("/")
        if not url.startswith(SCHEME) or not bucket or not key:
            raise ModelDataError(f"The S3 URI of the bundle is {url!r}: it must be s3://bucket/key.")
        self.url = url
        self._s3 = s3

    def fetch(self, *, seconds: float) -> ModelData:
        """Reads the bundle.

        Args:
            seconds: Time limit for reading the object.

        Raises:
            ModelDataError: When the object cannot be read in time, or is not a valid bundle.
        """
        found = self.fetch_unless("", seconds=seconds)
        if found is None:
            raise ModelDataError(f"The bundle {self.url} cannot be read: S3 sent no object.")
        return found

    def fetch_unless(self, etag: str, *, seconds: float) -> ModelData | None:
        """Reads the bundle; returns None when its object still has this ETag.

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
