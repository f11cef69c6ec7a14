"""Zip file with the same bytes on every machine, within Lambda's limit of size."""

import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

# Unzipped, with layers: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_UNZIPPED_BYTES = 262_144_000
_LARGEST = 3
_UNIX = 3
_REGULAR_FILE = 0o100000
# The oldest time that a zip can record.
_TIME = (1980, 1, 1, 0, 0, 0)


class ZipError(Exception):
    """The zip cannot be made; the message says in one sentence what to do."""


def check_unzipped_size(sizes: Mapping[str, int], *, limit: int = MAX_UNZIPPED_BYTES) -> None:
    """Checks the size of a zip's files.

    Args:
        sizes: Bytes of each file by its name in the zip.
        limit: The most bytes in all.

    Raises:
        ZipError: They are more than Lambda unpacks; the message names the largest packages.
    """
    total = sum(sizes.values())
    if total <= limit:
        return
    packages: Counter[str] = Counter()
    for name, size in sizes.items():
        packages[name.partition("/")[0]] += size
    largest = ", ".join(f"{name} ({_megabytes(size)})" for name, size in packages.most_common(_LARGEST))
    raise ZipError(
        f"The zip of the model's function has {_megabytes(total)} unzipped, and Lambda's limit is "
        f"{_megabytes(limit)}; the largest packages are {largest}: remove packages from it in "
        "function_zip/contents.py, or deploy the image with `-c packaging=image`."
    )


def write_zip(path: Path, files: Iterable[tuple[str, Path]]) -> None:
    """Writes a zip whose bytes depend on names and contents only.

    Lambda runs a function as a user who does not own its files, so files have mode 0644, and programs 0755:
    https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html

    Args:
        path: The zip to write; it appears when it is complete.
        files: Name in the zip and path of each file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # In a folder of its own, because another deployment may make the same zip at the same time.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="unfinished-") as folder:
        unfinished = Path(folder, path.name)
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name, source in sorted(files):
                with archive.open(_entry(name), "w") as target, source.open("rb") as content:
                    shutil.copyfileobj(content, target, 1 << 20)
        unfinished.replace(path)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_TIME)
    entry.create_system = _UNIX
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (_REGULAR_FILE | _mode(name)) << 16
    return entry


def _mode(name: str) -> int:
    """Returns the mode of a file by its name; that on disk depends on the umask of the user."""
    return 0o755 if name.endswith(".so") or ".so." in name else 0o644


def _megabytes(size: int) -> str:
    return f"{size / 1_048_576:.0f} MB"
