"""Opens the files to score, each in the format of its suffix."""

import errno
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from bundle import Field
from scoring.errors import ScoringError
from scoring.inputs.csv_file_rows import CsvFileRows
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.input_file import JSON_LINES_SUFFIXES, PARQUET_SUFFIXES, plain, suffix_of
from scoring.inputs.json_file_rows import JsonFileRows
from scoring.inputs.parquet_rows import ParquetRows
from scoring.inputs.rows import InputRows, RowBatch
from training.flights.sources.dialect import known_columns
from training.flights.sources.source import SourceFile


class InputOpener:
    """Opens the files of one run, one at a time, so that at most one is unpacked on the disk.

    Args:
        fields: Fields of the model.
        unlabelled: Imports the class that reads the dialects of the model's training; None for none.
        folder: Folder for unpacked files.
        table_columns: Names of the columns of the own table that `unlabelled` reads; none for dialects.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        unlabelled: Callable[[], Any] | None,
        folder: Path,
        table_columns: Collection[str] = (),
    ) -> None:
        self._fields, self._unlabelled, self._folder = fields, unlabelled, folder
        self._is_own_table = bool(table_columns)
        self._matches = header_matcher(fields, unlabelled, table_columns)
        self._opened: tuple[SourceFile, InputRows, FieldColumns] | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def open(self, file: SourceFile) -> tuple[InputRows, FieldColumns]:
        """Opens a file, and closes the one before.

        Returns:
            Its rows, and its columns that are fields.

        Raises:
            ScoringError: When it cannot be read, or a required column is missing or occurs twice.
        """
        if self._opened is None or self._opened[0] != file:
            self._stack.close()
            with _reading(file):
                path = self._stack.enter_context(plain(file, self._folder))
                rows = self._rows(path, file)
            columns = FieldColumns(
                rows, file.name, self._fields, self._unlabelled, is_own_table=self._is_own_table
            )
            self._opened = file, rows, columns
        return self._opened[1:]

    def _rows(self, path: Path, file: SourceFile) -> InputRows:
        suffix = suffix_of(file)
        if suffix in PARQUET_SUFFIXES:
            return ParquetRows(path, file.name)
        if suffix in JSON_LINES_SUFFIXES:
            return JsonFileRows(path, file.name, self._fields)
        return CsvFileRows(path, file.name, self._matches)


def header_matcher(
    fields: Sequence[Field], unlabelled: Callable[[], Any] | None, table_columns: Collection[str] = ()
) -> Callable[[Sequence[str]], int]:
    """Returns a function that counts the known columns in a header; arguments as of `InputOpener`."""
    names = {field.name for field in fields} | {*table_columns}

    def matches(header: Sequence[str]) -> int:
        own = len({*header} & names)
        return own if unlabelled is None or table_columns else max(own, known_columns(header))

    return matches


def readable_batches(rows: InputRows, file: SourceFile) -> Iterator[RowBatch]:
    """Yields the batches of a file.

    Raises:
        ScoringError: When it cannot be read.
    """
    batches = rows.batches()
    while True:
        with _reading(file):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


@contextmanager
def _reading(file: SourceFile) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # A file is unpacked onto the disk of the output.
        if error.errno == errno.ENOSPC:
            raise
        reason = error.strerror or error
        raise ScoringError(
            f"{file.name} cannot be read ({reason}): check its path and permissions."
        ) from error
