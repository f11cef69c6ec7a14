"""/opt/ml folder of a training instance: channels, configuration, checkpoints and results.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from local.sagemaker.job_input import InputError, InputObject, input_objects, split_s3_uri

# FailureReason has at most 1024 characters.
_MAX_FAILURE_REASON = 1024

CreateTrainingJobRequest = Mapping[str, Any]


@dataclass(frozen=True)
class InstanceFolder:
    """The folder.

    Attributes:
        base: Its path on this machine.
    """

    base: Path

    def create(self, request: CreateTrainingJobRequest, *, host: str, hosts: Sequence[str]) -> None:
        """Creates the folders and writes the configuration files.

        Args:
            request: The job's request.
            host: The instance's host name.
            hosts: The host names of all instances of the job.
        """
        for folder in ("model", "output/data", "input/data", "input/config"):
            (self.base / folder).mkdir(parents=True)
        channels = {
            channel["ChannelName"]: {
                "TrainingInputMode": channel.get("InputMode", "File"),
                "S3DistributionType": "FullyReplicated",
                "RecordWrapperType": "None",
            }
            for channel in request.get("InputDataConfig", ())
        }
        resources = {"current_host": host, "hosts": hosts, "network_interface_name": "lo"}
        self._write_config("hyperparameters", request.get("HyperParameters", {}))
        self._write_config("inputdataconfig", channels)
        self._write_config("resourceconfig", resources)

    def download(self, request: CreateTrainingJobRequest, s3: Any) -> None:
        """Downloads the channels and the checkpoints of an earlier job.

        Raises:
            InputError: A channel has no object in S3, or its manifest is malformed.
            ClientError: S3 refuses a request.
        """
        for channel in request.get("InputDataConfig", ()):
            source = channel["DataSource"]["S3DataSource"]
            _download(input_objects(source, s3), self.base / "input" / "data" / channel["ChannelName"], s3)
        if checkpoints := request.get("CheckpointConfig"):
            source = {"S3DataType": "S3Prefix", "S3Uri": checkpoints["S3Uri"]}
            # The first job has no checkpoint.
            with suppress(InputError):
                _download(input_objects(source, s3), self.base / "checkpoints", s3)
            (self.base / "checkpoints").mkdir(exist_ok=True)

    def upload_checkpoints(self, request: CreateTrainingJobRequest, s3: Any) -> None:
        """Uploads the checkpoints, from which a later job can continue."""
        if checkpoints := request.get("CheckpointConfig"):
            bucket, prefix = split_s3_uri(checkpoints["S3Uri"])
            for path in _files(self.base / "checkpoints"):
                name = path.relative_to(self.base / "checkpoints").as_posix()
                s3.upload_file(str(path), bucket, f"{prefix.rstrip('/')}/{name}")

    def pack(self, name: str) -> bytes:
        """Returns a gzipped tar of a folder, as SageMaker does; b"" for a folder without files."""
        folder = self.base / name
        files = _files(folder)
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for path in files:
                tar.add(path, arcname=path.relative_to(folder).as_posix())
        return packed.getvalue() if files else b""

    def failure(self) -> str:
        """Returns the container's failure message, of at most 1024 characters, or ""."""
        file = self.base / "output" / "failure"
        return (
            file.read_text(errors="replace", encoding="utf-8")[:_MAX_FAILURE_REASON] if file.exists() else ""
        )

    def _write_config(self, name: str, content: Any) -> None:
        (self.base / "input" / "config" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")


def _download(found: Sequence[InputObject], folder: Path, s3: Any) -> None:
    for item in found:
        path = folder / item.path
        path.parent.mkdir(parents=True, exist_ok=True)
        item.download(s3, path, compression="None")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
