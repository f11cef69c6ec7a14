"""Results of a training job in S3: members of the archives that SageMaker packs."""

import io
import tarfile
from typing import Any


class JobResults:
    """Files of model.tar.gz, or of output.tar.gz beside it.

    Args:
        s3: S3 client of boto3.
        model: S3 URI of the job's model.tar.gz.
    """

    def __init__(self, s3: Any, model: str) -> None:
        self._s3 = s3
        self.bucket, _, self.key = model.removeprefix("s3://").partition("/")

    def model_files(self) -> dict[str, bytes]:
        """Returns the files of the job's model folder, by name."""
        return _files(self._read(self.key))

    def other_files(self) -> dict[str, bytes]:
        """Returns the job's other results, by name; a training always writes some."""
        return _files(self._read(f"{self.key.rpartition('/')[0]}/output.tar.gz"))

    def _read(self, key: str) -> bytes:
        body: bytes = self._s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body


def _files(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        found = {member.name: tar.extractfile(member) for member in tar if member.isfile()}
        return {name.removeprefix("./"): file.read() for name, file in found.items() if file}
