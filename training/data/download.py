"""Download of a file by HTTP, once into the cache."""

import hashlib
import os
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import urllib3

from training.data.data_options import DataOptions
from training.data.retries import BUSY, REDIRECTS, BusyError, Tries, cause_of
from training.errors import TrainingError

SCHEMES = ("http://", "https://")
MOST_BYTES = 1 << 30
DOWNLOAD_PAUSES = (0.2, 0.4, 0.8)
_CHUNK = 1 << 20
_OK = 200


def local_file(options: DataOptions, *, most: int = MOST_BYTES) -> Path:
    """Returns the path of the options' file; downloads that of a URL unless it is in the cache.

    Raises:
        TrainingError: When the download fails, or has more than `most` bytes.
    """
    source = options.source
    if not source.startswith(SCHEMES):
        return Path(source)
    name = PurePosixPath(urlsplit(source).path).name or "data.csv"
    path = options.cache / "urls" / hashlib.sha256(source.encode()).hexdigest()[:16] / name
    if not path.exists():
        options.progress.step(f"downloading {source}")
        _download(source, path, most, options)
    return path


def _download(url: str, path: Path, most: int, options: DataOptions) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    tries = Tries(url, options, DOWNLOAD_PAUSES)
    try:
        while not partial.exists():
            _try(url, partial, most, tries)
        partial.replace(path)
    except urllib3.exceptions.HTTPError as error:
        raise TrainingError(
            f"{url} cannot be downloaded ({cause_of(error)}): try again, or download it yourself and give "
            "its path."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _try(url: str, partial: Path, most: int, tries: Tries) -> None:
    try:
        _write(url, partial, most, tries)
    except urllib3.exceptions.HTTPError as error:
        partial.unlink(missing_ok=True)
        tries.failed(error)


def _write(url: str, path: Path, most: int, tries: Tries) -> None:
    with urllib3.PoolManager(timeout=tries.timeout, retries=REDIRECTS) as pool:
        response = pool.request("GET", url, preload_content=False)
        with response, path.open("wb") as file:
            if response.status in BUSY:
                raise BusyError(response.status, response.headers.get("Retry-After"))
            if response.status != _OK:
                raise TrainingError(f"{url} answered {response.status} {response.reason}: check the address.")
            for chunk in response.stream(_CHUNK):
                if file.tell() + len(chunk) > most:
                    raise TrainingError(
                        f"{url} has more than {most:,} bytes, the most that is downloaded: "
                        "give a smaller file."
                    )
                file.write(chunk)
