"""Download of model archives from the emulated S3."""

import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from local.sagemaker.hosting.errors import ModelArchiveError


def download(s3: Any, url: str, target: Path) -> None:
    """Downloads a model archive and unpacks it.

    Args:
        s3: A boto3 client of S3 with the permissions of the model's execution role.
        url: s3://bucket/key, as in a model's ModelDataUrl.
        target: The folder to create and to unpack into.

    Raises:
        ModelArchiveError: There is no such object, it is no gzipped tar file, or a member's path leads out
            of the folder.
    """
    parts = urlsplit(url)
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
        try:
            s3.download_fileobj(parts.netloc, parts.path.lstrip("/"), archive)
        except (ClientError, BotoCoreError) as error:
            raise ModelArchiveError(f"Could not find model data at {url}: {error}") from error
        archive.flush()
        _unpack(Path(archive.name), url, target)


def _unpack(archive: Path, url: str, target: Path) -> None:
    target.mkdir(parents=True)
    try:
        with tarfile.open(archive, mode="r:gz") as tar:
            tar.extractall(target, filter="data")
    except (tarfile.TarError, zlib.error, OSError, EOFError) as error:
        raise ModelArchiveError(f"Could not unpack the model data at {url}: {error}") from error
