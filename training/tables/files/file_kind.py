"""Kind of a table's file, by its first bytes and not by its name."""

from pathlib import Path
from typing import Literal

from training.data.file_format import text_encoding
from training.errors import TrainingError

FileKind = Literal["parquet", "json lines", "json array", "text"]

_BYTE_ORDER_MARK = "\ufeff"
_SPREADSHEET = "is a workbook of a spreadsheet: save its sheet as CSV"
_COLUMNS = "save it as Parquet (pandas: to_parquet)"
# First bytes of files that are no tables, and what to do with them.
_OTHER_FILES = {
    b"PK\x03\x04": "is an archive or a workbook of a spreadsheet: save its sheet as CSV",
    b"\xd0\xcf\x11\xe0": _SPREADSHEET,
    b"BZh": "is compressed: give its name the ending .bz2",
    b"\xfd7zXZ": "is compressed: give its name the ending .xz",
    b"\x28\xb5\x2f\xfd": "is compressed: give its name the ending .zst",
    b"%PDF": "is a PDF: save its table as CSV",
    b"SQLite format 3": "is a database: export the table as CSV",
    b"ARROW1": f"is a Feather file of Arrow: {_COLUMNS}",
    b"FEA1": f"is a Feather file of Arrow: {_COLUMNS}",
    b"ORC": f"is an ORC file: {_COLUMNS}",
    b"version https://git-lfs": "is a pointer of Git LFS: fetch the file itself with `git lfs pull`",
    b"Obj\x01": f"is an Avro file: {_COLUMNS}",
    b"\x89HDF": f"is an HDF5 file: {_COLUMNS}",
}
_GZIP = b"\x1f\x8b"


def check_regular(path: Path, source: str) -> None:
    """Raises TrainingError unless there is a file or folder that can be read more than once."""
    if not path.exists():
        raise TrainingError(f"There is no file {source}: check its path.")
    if not path.is_file() and not path.is_dir():
        raise TrainingError(
            f"{source} is a pipe or a device, which cannot be read twice: write its content to a file first."
        )


def file_kind(start: bytes, source: str) -> FileKind:
    """Returns the format of a file.

    Args:
        start: Its first bytes, without its compression.
        source: Its path or URL in messages.

    Raises:
        TrainingError: When they are those of no table.
    """
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(_GZIP):
        is_named = source.lower().endswith(".gz")
        do = "twice: unpack it once" if is_named else ": give its name the ending .gz"
        raise TrainingError(f"{source} is no table: it is compressed{' ' * is_named}{do}.")
    for mark, sentence in _OTHER_FILES.items():
        if start.startswith(mark):
            raise TrainingError(f"{source} is no table: it {sentence}.")
    encoding = text_encoding(start)
    text = start[:2048].decode(encoding, errors="ignore").removeprefix(_BYTE_ORDER_MARK).lstrip()
    if text.startswith(("{", "[")):
        return "json lines" if text.startswith("{") else "json array"
    if text.startswith("<"):
        raise TrainingError(f"{source} is no table: it looks like HTML or XML: save it as CSV or Parquet.")
    _check_text(start[:4096], encoding, source)
    return "text"


def _check_text(start: bytes, encoding: str, source: str) -> None:
    is_wide = encoding.startswith(("utf-16", "utf-32"))
    control = sum(byte < 9 or 13 < byte < 32 for byte in start)
    if not is_wide and control > len(start) * 0.02:
        raise TrainingError(
            f"{source} is no table: it has bytes that no text has. Give a CSV file or Parquet."
        )
