"""A table as its file has it: the columns by name, of a CSV, Parquet or JSON file."""

import gzip
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from training.data.data_options import DataOptions
from training.data.download import local_file
from training.data.file_format import text_format
from training.errors import TrainingError, counted
from training.tables.columns.cells import Cells
from training.tables.columns.column_names import unique_headers
from training.tables.files.file_kind import check_regular
from training.tables.files.json_file import JsonFile
from training.tables.files.opened_file import OpenedFile
from training.tables.files.parquet_files import ParquetFiles
from training.tables.files.text_file import TextFile

# Of compressed files; a RuntimeError is that of an archive with a password.
_DAMAGED = (
    gzip.BadGzipFile,
    EOFError,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
)
_UNREADABLE = (OSError, UnicodeError, ValueError, pa.ArrowException, *_DAMAGED)
# Arrow's words for a text that ends in its header.
_HEADER_ONLY = "Could not skip initial"
# Its words for a row of another number of cells than the header.
_OTHER_WIDTH = re.compile(r"Expected ([0-9]+) columns, got ([0-9]+): (.*)")
_NUMBER = re.compile(r"[-+]?[0-9]*[.,]?[0-9]+")
_MOST_NAMED = 12
_SPACES = (
    " If spaces separate its columns, write it with commas: pandas.read_csv(FILE, sep=r'\\s+').to_csv(NEW, "
    "index=False)."
)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The columns of a file.

    Attributes:
        source: Path or URL of the file.
        columns: Cells by name, of the columns that were read; a repeated name has a number.
        names: Names of all columns of the file.
        comma_decimal: Whether a comma is a decimal one, as in files with semicolons; None when it is unknown.
    """

    source: str
    columns: Mapping[str, Cells]
    names: Sequence[str]
    comma_decimal: bool | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())))

    def check_column(self, name: str, *, what: str) -> None:
        """Raises TrainingError unless there is a column of that name; the sentence suggests a near one."""
        if name in self.names:
            return
        by_plain = {_plain(column): column for column in self.names}
        close = get_close_matches(_plain(name), by_plain, n=1, cutoff=0.6)
        shown = ", ".join(self.names[:_MOST_NAMED])
        others = len(self.names) - _MOST_NAMED
        rest = f" and {counted(others, 'other')}" if others > 0 else ""
        hint = f"did you mean {by_plain[close[0]]!r}?" if close else f"its columns are {shown}{rest}."
        if any(map(_NUMBER.fullmatch, self.names)):
            hint = f"its first line is {shown}{rest}; if these are values, add a line of names above it."
        raise TrainingError(f"{self.source} has no column {name!r}, which is {what}: {hint}")


def read_table(
    options: DataOptions, *, target: str, wanted: Sequence[str] = (), as_text: Collection[str] = ()
) -> Table:
    """Reads a CSV file of any delimiter and encoding, JSON Lines, as they are or compressed, or Parquet.

    Args:
        options: Its path or URL.
        target: A name that its header should have; the cells of that column are as they are written.
        wanted: Names of the columns to read; all of them without any.
        as_text: Names of other columns of a text whose cells are read as they are written.

    Raises:
        TrainingError: When it is missing, or is no table.
    """
    path = local_file(options)
    check_regular(path, options.source)
    before = _state(path)
    try:
        table = _read(OpenedFile(path, options.source), target, wanted, {target, *as_text})
    except _UNREADABLE as error:
        raise _refusal(error, options.source) from error
    if _state(path) != before:
        raise TrainingError(f"{options.source} changed while it was read: train again when it is whole.")
    if not table.rows:
        raise _no_rows(options.source)
    if len(table.names) == 1:
        raise TrainingError(
            f"{options.source} has one column only, {table.names[0][:60]!r}: a table needs a "
            "target and columns to predict it from, separated by commas, semicolons, tabs or |."
            f"{_SPACES if ' ' in table.names[0].strip() else ''}"
        )
    return table


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _refusal(error: Exception, source: str) -> TrainingError:
    """Returns the error of a file that cannot be read."""
    if _HEADER_ONLY in str(error):
        return _no_rows(source)
    sentence = str(error).strip().partition("\n")[0].rstrip(".")
    if found := _OTHER_WIDTH.search(sentence):
        expected, cells, row = found.groups()
        return TrainingError(
            f"{source} has a row of {counted(int(cells), 'cell')}, and its header has {expected}"
            f": give the header a name for each cell, remove that line, or put cells with the delimiter "
            f"in quotation marks. It is {row[:60]!r}."
        )
    if isinstance(error, OSError) and error.errno:
        return TrainingError(f"{source} cannot be read ({error.strerror}): check its path and permissions.")
    if isinstance(error, _DAMAGED):
        return TrainingError(f"{source} is truncated or damaged ({sentence}): copy or download it again.")
    return TrainingError(
        f"{source} cannot be read as a table ({sentence}): give a CSV file with a header, JSON Lines, or "
        "Parquet."
    )


def _read(file: OpenedFile, target: str, wanted: Sequence[str], as_text: Collection[str]) -> Table:
    kind = "parquet" if file.path.is_dir() else file.kind
    if kind == "text":
        form = text_format(file.start, file.source, lambda names: _likeness(names, target))
        if form.has_open_quote:
            raise TrainingError(
                f"{file.source} has a quotation mark in its first line that is not closed there: write the "
                "names of the columns in one line."
            )
        text = TextFile(file=file, form=form, names=unique_headers(form.header))
        return Table(
            source=file.source,
            columns=text.columns(_known(wanted, text.names), as_text),
            names=text.names,
            comma_decimal=True if form.delimiter == ";" else None,
        )
    typed = ParquetFiles(file) if kind == "parquet" else JsonFile(file)
    return Table(source=file.source, columns=typed.columns(_known(wanted, typed.names)), names=typed.names)


def _no_rows(source: str) -> TrainingError:
    return TrainingError(f"{source} has no rows below its header.")


def _known(wanted: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """Returns the wanted columns that there are; all without any."""
    return [name for name in wanted if name in names] or names


def _likeness(names: Sequence[str], target: str) -> int:
    # The target decides; without it, the delimiter that gives the most columns.
    return len(names) + (1_000_000 if target in names else 0)


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
