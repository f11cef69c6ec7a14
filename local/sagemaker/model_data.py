"""A model archive on its way from the emulated S3 to where the serving process finds it."""

import tarfile
import tempfile
import zlib
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from local.aws import LocalAws
from local.sagemaker.errors import ModelDataError


def fetch(aws: LocalAws, url: str, target: Path) -> None:
    """Download a model archive and unpack it.

    Args:
        aws: Whose S3 it is in.
        url: Its address, s3://bucket/key, as a model's ModelDataUrl holds it.
        target: The folder to unpack into, made here.

    Raises:
        ModelDataError: There is no such object, it is no gzipped tar file, or it leads out of the folder.
    """
    parts = urlsplit(url)
    with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
        try:
            aws.client("s3").download_fileobj(parts.netloc, parts.path.lstrip("/"), archive)
        except (ClientError, BotoCoreError) as error:
            raise ModelDataError(f"Could not find model data at {url}: {error}") from error
        archive.flush()
        _unpack(Path(archive.name), url, target)


def _unpack(archive: Path, url: str, target: Path) -> None:
    target.mkdir(parents=True)
    try:
        with tarfile.open(archive, mode="r:gz") as tar:
            tar.extractall(target, filter="data")
    except (tarfile.TarError, zlib.error, OSError, EOFError) as error:
        raise ModelDataError(f"Could not unpack the model data at {url}: {error}") from error
