"""What a training job made, brought home."""

import tarfile
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bundle import Bundle, read_archive, write_archive
from training.job import ARCHIVE
from training.progress import Progress
from training.report.report import Report
from training.sagemaker.container.container import REPORT
from training.sagemaker.errors import JobError
from training.sagemaker.launcher.account import client, explained

_RESULTS = "output.tar.gz"


def collect(described: dict[str, Any], *, name: str, bucket: str, out: Path, progress: Progress) -> Report:
    """Brings a job's bundle to this machine and to its place in the bucket.

    The archive is written anew, because SageMaker packs the same files into other bytes each time: this way
    it is the very archive that training here would have made.

    Args:
        described: The job, as SageMaker describes it.
        name: The model it should be of.
        bucket: Where the bundle is put, as <model>/<version>/model.tar.gz.
        out: The folder for the bundle and its report.
        progress: Whom to tell.

    Raises:
        JobError: It is not there, or of another model.
        BundleError: It is no bundle.
        OSError: The folder cannot be written to.
    """
    url = described["ModelArtifacts"]["S3ModelArtifacts"]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".job-", dir=out) as folder:
        packed = Path(folder) / ARCHIVE
        _download(url, packed)
        bundle = read_archive(packed)
        if bundle.manifest.name != name:
            raise JobError(f"{url} is a bundle of {bundle.manifest.name}, and {name} was asked for.")
        results = Path(folder) / _RESULTS
        _download(f"{url.rpartition('/')[0]}/{_RESULTS}", results)
        report = _unpack(results, out)
    write_archive(out / ARCHIVE, manifest=bundle.manifest, model=bundle.model)
    progress.step(f"the bundle is in {_publish(out / ARCHIVE, bundle, bucket)}")
    return msgspec.structs.replace(
        report,
        path=str(out / ARCHIVE),
        bytes=(out / ARCHIVE).stat().st_size,
        page=str(out / Path(report.page).name) if report.page else "",
    )


def _publish(archive: Path, bundle: Bundle, bucket: str) -> str:
    key = f"{bundle.manifest.name}/{bundle.manifest.version}/{ARCHIVE}"
    with explained(f"The bundle is in {archive} and cannot be put into the bucket {bucket}"):
        client("s3").upload_file(str(archive), bucket, key)
    return f"s3://{bucket}/{key}"


def _download(url: str, target: Path) -> None:
    parts = urlsplit(url)
    with explained(f"{url} cannot be fetched"):
        client("s3").download_file(parts.netloc, parts.path.lstrip("/"), str(target))


def _unpack(results: Path, out: Path) -> Report:
    """Puts what lies beside the model beside the bundle, and reads the report among it."""
    with tarfile.open(results) as archive:
        archive.extractall(out, filter="data")
    file = out / REPORT
    report = msgspec.json.decode(file.read_bytes(), type=Report)
    file.unlink()
    return report
