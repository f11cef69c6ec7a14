"""Unpacking of compressed files and of CSV files in zip archives, with their checksums verified."""

import bz2
import gzip
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from training.data.temporary_folder import temporary_folder
from training.errors import TrainingError

# Beginning of the names of temporary folders.
UNPACKED = "unpacked-"
PACKED_CSV = (".csv", ".csv.gz")
# Functions that open a compressed file, by its suffix.
COMPRESSIONS: Mapping[str, Callable[[Path], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": lambda path: pa.CompressedInputStream(str(path), "zstd"),
}
# A RuntimeError is that of an archive with a password.
_DAMAGED = (EOFError, zlib.error, zipfile.BadZipFile, lzma.LZMAError, OSError, RuntimeError)
_CHUNK = 1 << 20


@contextmanager
def unpacked(path: Path, member: str, folder: Path, name: str = "flights.csv") -> Iterator[Path]:
    """Unpacks a compressed file, or the member of a zip archive, into a temporary file of the folder.

    A gzip file in an archive is unpacked too. Engines read a compressed file with one core, and some read a
    truncated one without an error.

    Raises:
        TrainingError: When the file is truncated or damaged.
    """
    with temporary_folder(folder, UNPACKED) as temporary:
        plain = temporary / name
        try:
            with plain.open("wb") as target, _opened(path, member) as packed:
                shutil.copyfileobj(packed, target, _CHUNK)
        except _DAMAGED as error:
            if isinstance(error, OSError) and error.errno:
                # The disk is full, or the file is missing.
                raise
            raise TrainingError(
                f"{path.name} is truncated or damaged ({error}): download it again."
            ) from error
        yield plain


def csv_members(path: Path, suffixes: tuple[str, ...] = PACKED_CSV) -> list[str]:
    """Lists the files in a zip archive that have one of the suffixes.

    Raises:
        TrainingError: When the file is not an archive, or has no such file.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile as error:
        raise TrainingError(
            f"{path.name} is a truncated or damaged zip archive ({error}): download it again."
        ) from error
    found = [name for name in names if name.lower().endswith(suffixes) and not name.startswith("__MACOSX/")]
    if not found:
        raise TrainingError(
            f"{path.name} has no {suffixes[0]} file, only {', '.join(names[:3]) or 'nothing'}: add one."
        )
    return sorted(found)


@contextmanager
def _opened(path: Path, member: str) -> Iterator[Any]:
    if not member:
        with COMPRESSIONS[path.suffix.lower()](path) as packed:
            yield packed
        return
    with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
        if not member.lower().endswith(".gz"):
            yield packed
            return
        with gzip.open(packed) as inner:
            yield inner
