"""Model artifacts of a training job: downloads its bundle and report, and publishes the bundle in S3."""

import tarfile
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bundle import ARCHIVE, Bundle, read_archive, write_archive
from training.progress import Progress
from training.report.training_report import REPORT_FILE, TrainingReport
from training.sagemaker.errors import JobError
from training.sagemaker.launcher.aws_client import aws_client, aws_errors

_OUTPUT_ARCHIVE = "output.tar.gz"


def download_artifacts(
    description: dict[str, Any], *, name: str, bucket: str, out: Path, progress: Progress
) -> TrainingReport:
    """Downloads a job's bundle and report, and uploads the bundle as <model>/<version>/model.tar.gz.

    The archive is written again, because SageMaker packs the same files into other bytes each time: the
    result has the bytes of a bundle that was trained on this machine.

    Args:
        description: Response of DescribeTrainingJob.
        name: Expected model.
        bucket: Bucket for the bundle.
        out: Folder for the bundle and its report page.
        progress: Receives one line a step.

    Raises:
        JobError: When the artifacts cannot be downloaded, or are of another model.
        BundleError: When the artifacts are not a bundle.
        OSError: When the folder cannot be written to.
    """
    url = description["ModelArtifacts"]["S3ModelArtifacts"]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".job-", dir=out) as folder:
        packed = Path(folder) / ARCHIVE
        _download(url, packed)
        bundle = read_archive(packed)
        if bundle.manifest.name != name:
            raise JobError(f"{url} is a bundle of the model {bundle.manifest.name}, not of {name}.")
        results = Path(folder) / _OUTPUT_ARCHIVE
        _download(f"{url.rpartition('/')[0]}/{_OUTPUT_ARCHIVE}", results)
        report = _unpack(results, out)
    write_archive(out / ARCHIVE, manifest=bundle.manifest, model=bundle.model, quantiles=bundle.quantiles)
    progress.step(f"uploaded the bundle to {_publish(out / ARCHIVE, bundle, bucket)}")
    return msgspec.structs.replace(
        report,
        path=str(out / ARCHIVE),
        bytes=(out / ARCHIVE).stat().st_size,
        page=str(out / Path(report.page).name) if report.page else "",
    )


def _publish(archive: Path, bundle: Bundle, bucket: str) -> str:
    key = f"{bundle.manifest.name}/{bundle.manifest.version}/{ARCHIVE}"
    with aws_errors(f"The bundle {archive} was not uploaded to the bucket {bucket}"):
        aws_client("s3").upload_file(str(archive), bucket, key)
    return f"s3://{bucket}/{key}"


def _download(url: str, target: Path) -> None:
    parts = urlsplit(url)
    with aws_errors(f"{url} was not downloaded"):
        aws_client("s3").download_file(parts.netloc, parts.path.lstrip("/"), str(target))


def _unpack(results: Path, out: Path) -> TrainingReport:
    """Unpacks the report page beside the bundle, and returns the report."""
    with tarfile.open(results) as archive:
        archive.extractall(out, filter="data")
    file = out / REPORT_FILE
    report = msgspec.json.decode(file.read_bytes(), type=TrainingReport)
    file.unlink()
    return report
