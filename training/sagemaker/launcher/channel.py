"""The rows of a job on their way to S3."""

from pathlib import Path

from training.progress import Progress
from training.sagemaker.errors import JobError
from training.sagemaker.launcher.account import client, explained

S3 = "s3://"


def channel_of(source: str | None, *, bucket: str, prefix: str, progress: Progress) -> str | None:
    """Where in S3 a job finds the rows that --data asks for.

    Args:
        source: As it was given.
        bucket: Where files of this machine are put.
        prefix: Under which keys.
        progress: Whom to tell.

    Returns:
        An S3 URI; None for a source that the container can fetch itself, as the sample.

    Raises:
        JobError: The files cannot be put there.
    """
    if source is None or source.startswith(S3):
        return source
    files = _files(source)
    if not files:
        return None
    s3 = client("s3")
    for file in files:
        progress.step(f"uploading {file} ({file.stat().st_size / 1e6:,.1f} MB) to {S3}{bucket}/{prefix}")
        with explained(f"{file} cannot be put into the bucket {bucket}"):
            s3.upload_file(str(file), bucket, f"{prefix}/{file.name}")
    return f"{S3}{bucket}/{prefix}/"


def _files(source: str) -> list[Path]:
    pattern = Path(source)
    files = sorted(path for path in pattern.parent.glob(pattern.name or "*") if path.is_file())
    if not files and len(pattern.parts) + len(pattern.suffixes) > 1:
        raise JobError(f"There is no file {source}: nothing was started.")
    return files
