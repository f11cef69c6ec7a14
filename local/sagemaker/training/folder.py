"""/opt/ml of one instance of a training job.

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

_MAX_REASON = 1024

Request = Mapping[str, Any]


@dataclass(frozen=True)
class Folder:
    """What an instance finds and leaves."""

    base: Path

    def prepare(self, request: Request, *, host: str, hosts: Sequence[str]) -> None:
        """Make the folders, and write what the container is told."""
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
        self._tell("hyperparameters", request.get("HyperParameters", {}))
        self._tell("inputdataconfig", channels)
        self._tell("resourceconfig", {"current_host": host, "hosts": hosts, "network_interface_name": "lo"})

    def fill(self, request: Request, s3: Any) -> None:
        """Download the channels, and the checkpoints that an earlier job left.

        Raises:
            FileNotFoundError: A channel has no file.
            ClientError: S3 refuses.
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

    def keep_checkpoints(self, request: Request, s3: Any) -> None:
        """Upload the checkpoints, for another job to go on from."""
        if checkpoints := request.get("CheckpointConfig"):
            bucket, prefix = split(checkpoints["S3Uri"])
            for path in _files(self.base / "checkpoints"):
                name = path.relative_to(self.base / "checkpoints").as_posix()
                s3.upload_file(str(path), bucket, f"{prefix.rstrip('/')}/{name}")

    def pack(self, name: str) -> bytes:
        """A folder as the gzipped tar that SageMaker makes of it; nothing of an empty one."""
        folder = self.base / name
        files = _files(folder)
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for path in files:
                tar.add(path, arcname=path.relative_to(folder).as_posix())
        return packed.getvalue() if files else b""

    def failure(self) -> str:
        """What the container says of its failing."""
        file = self.base / "output" / "failure"
        return file.read_text(errors="replace")[:_MAX_REASON] if file.exists() else ""

    def _tell(self, name: str, told: Any) -> None:
        (self.base / "input" / "config" / f"{name}.json").write_text(json.dumps(told))


def split(url: str) -> tuple[str, str]:
    """Bucket and key of an S3 URI."""
    parts = urlsplit(url)
    return parts.netloc, parts.path.lstrip("/")


def _download(s3: Any, url: str, target: Path) -> int:
    """Download what is under a URI into a folder; returns how many files that were."""
    bucket, prefix = split(url)
    target.mkdir(parents=True, exist_ok=True)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
    files = [key for key in keys if not key.endswith("/")]
    for key in files:
        path = target / _place(key, prefix)
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(path))
    return len(files)


def _place(key: str, prefix: str) -> str:
    """Where a channel holds an object: below its prefix as a folder, or beside what is named by it."""
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    return key.removeprefix(folder if key.startswith(folder) else prefix.rpartition("/")[0]).lstrip("/")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
