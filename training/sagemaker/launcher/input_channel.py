"""Input channel of a training job: the S3 URI of its rows, to which local files are uploaded."""

from pathlib import Path

from training.progress import Progress
from training.sagemaker.errors import JobError
from training.sagemaker.launcher.aws_client import aws_client, aws_errors

_S3_SCHEME = "s3://"


def upload_channel(source: str | None, *, bucket: str, prefix: str, progress: Progress) -> str | None:
    """Returns the S3 URI of a job's rows, after the upload of local files.

    Args:
        source: Value of `--data`; None without one.
        bucket: Bucket for local files.
        prefix: Key prefix for local files.
        progress: Receives one line a file.

    Returns:
        An S3 URI; None for a source that the container reads itself, such as the sample.

    Raises:
        JobError: When there is no such file, or it cannot be uploaded.
    """
    if source is None or source.startswith(_S3_SCHEME):
        return source
    files = _files(source)
    if not files:
        return None
    s3 = aws_client("s3")
    uri = f"{_S3_SCHEME}{bucket}/{prefix}"
    for file in files:
        progress.step(f"uploading {file} ({file.stat().st_size / 1e6:,.1f} MB) to {uri}")
        with aws_errors(f"{file} was not uploaded to the bucket {bucket}"):
            s3.upload_file(str(file), bucket, f"{prefix}/{file.name}")
    return f"{uri}/"


def _files(source: str) -> list[Path]:
    pattern = Path(source)
    files = sorted(path for path in pattern.parent.glob(pattern.name or "*") if path.is_file())
    if not files and len(pattern.parts) + len(pattern.suffixes) > 1:
        raise JobError(f"There is no file {source}; no training job was started.")
    return files
