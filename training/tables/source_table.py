"""A table as its file has it: the columns by name, of a CSV, Parquet or JSON file."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bundle.texts.counted_noun import counted
from training.data.data_options import DataOptions
from training.data.download import local_file
from training.errors import TrainingError
from training.tables.columns.cells import Cells
from training.tables.columns.column_names import repeated_headers, unique_headers
from training.tables.files.file_kind import check_regular
from training.tables.files.json_file import JsonFile
from training.tables.files.opened_file import OpenedFile
from training.tables.files.parquet_files import ParquetFiles
from training.tables.files.text_file import TextFile
from training.tables.texts.delimiter_detection import detected_format, first_rows, uneven_row
from training.tables.texts.header_values import check_header
from training.tables.unreadable_tables import UNREADABLE, no_rows, one_column, unreadable

_NUMBER = re.compile(r"[-+]?[0-9]*[.,]?[0-9]+")
_MOST_NAMED = 12


@dataclass(frozen=True, kw_only=True)
class Table:
    """The columns of a file.

    Attributes:
        source: Path or URL of the file.
        columns: Cells by name, of the columns that were read; a repeated name has a number.
        names: Names of all columns of the file.
        dropped: Number of rows that were left out, by reason.
        comma_decimal: Whether a comma is a decimal one, as in files with semicolons; None when it is unknown.
        repeated: Number of columns that have one name in the file, by this name.
        skipped: Numbers in the file of the rows that were left out, in ascending order; 1 is the first one.
    """

    source: str
    columns: Mapping[str, Cells]
    names: Sequence[str]
    dropped: Mapping[str, int] = field(default_factory=dict)
    comma_decimal: bool | None = None
    repeated: Mapping[str, int] = field(default_factory=dict)
    skipped: Sequence[int] = ()

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(next(iter(self.columns.values())))

    def file_rows(self) -> NDArray[np.intp]:
        """Returns the number of each row in the file, 1 for the first one below the header."""
        numbers = np.arange(1, self.rows + len(self.skipped) + 1)
        return np.delete(numbers, np.asarray(self.skipped, dtype=np.intp) - 1)

    def check_column(self, name: str, *, what: str, otherwise: str = "") -> None:
        """Raises TrainingError unless there is a column of that name.

        The sentence suggests a near one; `otherwise` is what to do if none is meant, after a space.
        """
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
        raise TrainingError(f"{self.source} has no column {name!r}, which is {what}: {hint}{otherwise}")


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
        TrainingError: When it is missing, is no table, or has several columns of the target's name.
    """
    path = local_file(options)
    check_regular(path, options.source)
    before = _state(path)
    try:
        table = _read(OpenedFile(path, options.source), target, wanted, {target, *as_text})
    except UNREADABLE as error:
        raise unreadable(error, options.source) from error
    if _state(path) != before:
        raise TrainingError(f"{options.source} changed while it was read: train again when it is whole.")
    if count := table.repeated.get(target):
        raise TrainingError(
            f"{options.source} has {count} columns of the name {target!r}, which is the target, and the "
            "others would tell the model what it has to predict: remove or rename all but one."
        )
    if not table.rows:
        raise no_rows(options.source)
    if len(table.names) == 1:
        raise one_column(options.source, table.names[0])
    return table


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _read(file: OpenedFile, target: str, wanted: Sequence[str], as_text: Collection[str]) -> Table:
    kind = "parquet" if file.path.is_dir() else file.kind
    if kind == "text":
        form = detected_format(file.start, file.source, lambda names: _likeness(names, target))
        if form.has_open_quote:
            raise TrainingError(
                f"{file.source} has a quotation mark in its first line that is not closed there: write the "
                "names of the columns in one line."
            )
        if len(form.header) == 1:
            raise one_column(file.source, form.header[0], uneven_row(file.start, file.source))
        check_header(form.header, first_rows(file.start, form), file.source)
        text = TextFile(file=file, form=form, names=unique_headers(form.header))
        return Table(
            source=file.source,
            columns=text.columns(_known(wanted, text.names), as_text),
            names=text.names,
            dropped=text.dropped,
            comma_decimal=True if form.delimiter == ";" else None,
            repeated=repeated_headers(form.header),
            skipped=text.skipped,
        )
    typed = ParquetFiles(file) if kind == "parquet" else JsonFile(file)
    return Table(source=file.source, columns=typed.columns(_known(wanted, typed.names)), names=typed.names)


def _known(wanted: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """Returns the wanted columns that there are; all without any."""
    return [name for name in wanted if name in names] or names


def _likeness(names: Sequence[str], target: str) -> int:
    # The target decides; without it, the delimiter that gives the most columns.
    return len(names) + (1_000_000 if target in names else 0)


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
