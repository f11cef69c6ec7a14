"""A table as its file has it: the columns by name, of a CSV or Parquet file."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from pandas.io.common import get_handle

from training.data.data_options import DataOptions
from training.data.download import local_file
from training.data.file_format import SAMPLE_BYTES, FileFormat, text_format
from training.errors import TrainingError
from training.tables.columns.column_names import unique_headers

_UNREADABLE = (OSError, EOFError, UnicodeError, pa.ArrowException, zipfile.BadZipFile, zlib.error, ValueError)
_MOST_NAMED = 12
# First bytes of files that are no tables, and what to do with them.
_OTHER_FILES = {
    b"PK\x03\x04": "is an archive or a workbook of a spreadsheet: save its sheet as CSV",
    b"\xd0\xcf\x11\xe0": "is a workbook of a spreadsheet: save its sheet as CSV",
    b"{": "looks like JSON: save it as CSV or Parquet",
    b"[": "looks like JSON: save it as CSV or Parquet",
    b"<": "looks like HTML or XML: save it as CSV or Parquet",
    b"%PDF": "is a PDF: save its table as CSV",
}


@dataclass(frozen=True, kw_only=True)
class Table:
    """The columns of a file.

    Attributes:
        source: Path or URL of the file.
        columns: Values by name; a repeated name has a number.
        comma_decimal: Whether a comma is a decimal one, as in files with semicolons; None when it is unknown.
    """

    source: str
    columns: Mapping[str, Any]
    comma_decimal: bool | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())))

    def check_column(self, name: str, *, what: str) -> None:
        """Raises TrainingError unless there is a column of that name; the sentence suggests a near one."""
        if name in self.columns:
            return
        by_plain = {_plain(column): column for column in self.columns}
        close = get_close_matches(_plain(name), by_plain, n=1, cutoff=0.6)
        shown = ", ".join([*self.columns][:_MOST_NAMED])
        others = len(self.columns) - _MOST_NAMED
        rest = f" and {others:,} others" if others > 0 else ""
        hint = f"did you mean {by_plain[close[0]]!r}?" if close else f"its columns are {shown}{rest}."
        raise TrainingError(f"{self.source} has no column {name!r}, which is {what}: {hint}")


def read_table(options: DataOptions, *, target: str) -> Table:
    """Reads a CSV file of any delimiter and encoding, as it is or compressed, or a Parquet file.

    Args:
        options: Its path or URL.
        target: A name that its header should have.

    Raises:
        TrainingError: When it is missing, or is no table.
    """
    path = local_file(options)
    try:
        table = _read(path, options.source, target)
    except _UNREADABLE as error:
        sentence = str(error).strip().partition("\n")[0].rstrip(".")
        raise TrainingError(
            f"{options.source} cannot be read as a table ({sentence}): give a CSV file with a header, or "
            "Parquet."
        ) from error
    if not table.rows:
        raise TrainingError(f"{options.source} has no rows below its header.")
    if len(table.columns) == 1:
        raise TrainingError(
            f"{options.source} has one column only, {next(iter(table.columns))[:60]!r}: a table needs a "
            "target and columns to predict it from, separated by commas, semicolons, tabs or |."
        )
    return table


def _read(path: Path, source: str, target: str) -> Table:
    with get_handle(path, "rb", compression="infer", is_text=False) as handles:
        content = bytes(handles.handle.read())
    if content.startswith(b"PAR1"):
        found = pq.read_table(io.BytesIO(content))
        names = unique_headers(found.column_names)
        return Table(source=source, columns=dict(zip(names, found.columns, strict=True)))
    _check_text(content, source)
    form = text_format(content[:SAMPLE_BYTES], source, lambda names: _likeness(names, target))
    names = unique_headers(form.header)
    return Table(
        source=source,
        columns=dict(zip(names, _text_columns(content, form, names), strict=True)),
        comma_decimal=True if form.delimiter == ";" else None,
    )


def _text_columns(content: bytes, form: FileFormat, names: Sequence[str]) -> list[pa.ChunkedArray]:
    """Reads every cell as text; code pages other than Unicode are read as Windows' western one."""
    encoding = {"latin-1": "cp1252", "utf-8": "utf8"}.get(form.encoding, form.encoding)
    if encoding != "utf8":
        content, encoding = content.decode(encoding, errors="replace").encode(), "utf8"
    found = pyarrow.csv.read_csv(
        pa.BufferReader(content),
        pyarrow.csv.ReadOptions(column_names=list(names), skip_rows=form.lines_before + 1),
        pyarrow.csv.ParseOptions(delimiter=form.delimiter, newlines_in_values=True),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    )
    return list(found.columns)


def _likeness(names: Sequence[str], target: str) -> int:
    # The target decides; without it, the delimiter that gives the most columns.
    return len(names) + (1_000_000 if target in names else 0)


def _check_text(content: bytes, source: str) -> None:
    start = content[:512].lstrip(b"\xef\xbb\xbf \r\n\t")
    for mark, sentence in _OTHER_FILES.items():
        if start.startswith(mark):
            raise TrainingError(f"{source} is no table: it {sentence}.")
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff") or content[1:200:2].count(0) > 50
    control = sum(byte < 9 or 13 < byte < 32 for byte in content[:4096])
    if not utf16 and control > len(content[:4096]) * 0.02:
        raise TrainingError(
            f"{source} is no table: it has bytes that no text has. Give a CSV file or Parquet."
        )


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def table_of_frame(source: str, frame: pd.DataFrame) -> Table:
    """Makes the table of a data frame."""
    return Table(source=source, columns={str(name): frame[name] for name in frame})
