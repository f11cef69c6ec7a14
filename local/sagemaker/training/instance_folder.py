"""/opt/ml folder of a training instance: channels, configuration, checkpoints and results.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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
            FileNotFoundError: A channel has no object in S3.
            ClientError: S3 refuses a request.
        """
        for channel in request.get("InputDataConfig", ()):
            url = channel["DataSource"]["S3DataSource"]["S3Uri"]
            if not _download(s3, url, self.base / "input" / "data" / channel["ChannelName"]):
                raise FileNotFoundError(
                    f"No S3 objects found under S3 URL {url!r} given in input data source."
                )
        if checkpoints := request.get("CheckpointConfig"):
            (self.base / "checkpoints").mkdir()
            _download(s3, checkpoints["S3Uri"], self.base / "checkpoints")

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


def split_s3_uri(uri: str) -> tuple[str, str]:
    """Splits an S3 URI into bucket and key."""
    parts = urlsplit(uri)
    return parts.netloc, parts.path.lstrip("/")


def _download(s3: Any, url: str, target: Path) -> int:
    """Downloads all objects under a URI into a folder; returns their number."""
    bucket, prefix = split_s3_uri(url)
    target.mkdir(parents=True, exist_ok=True)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
    files = [key for key in keys if not key.endswith("/")]
    for key in files:
        path = target / relative_path(key, prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(path))
    return len(files)


def relative_path(key: str, prefix: str) -> str:
    """Returns an object's path in its channel: relative to the prefix, or to the prefix's folder."""
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    return key.removeprefix(folder if key.startswith(folder) else prefix.rpartition("/")[0]).lstrip("/")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
