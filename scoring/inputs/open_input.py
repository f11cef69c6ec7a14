"""Opens the files to score, each in the format of its content."""

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from scoring.errors import ScoringError
from scoring.inputs.csv_file_rows import CsvFileRows
from scoring.inputs.field_columns import FieldColumns
from scoring.inputs.input_file import JSON_SUFFIXES, plain, suffix_of
from scoring.inputs.json_file_rows import JsonFileRows
from scoring.inputs.json_lines_file import json_lines
from scoring.inputs.parquet_rows import ParquetRows
from scoring.inputs.row_reader import RowReader
from scoring.inputs.rows import InputRows, RowBatch
from training.data.file_format import SAMPLE_BYTES
from training.flights.sources.source import SourceFile
from training.tables.files.file_kind import FileKind, file_kind
from training.tables.files.parquet_folder import PARQUET_SUFFIXES
from training.tables.texts.delimiter_detection import detected_format


class InputOpener:
    """Opens the files of one run, one at a time, so that at most one is unpacked on the disk.

    Args:
        reader: Reader of the rows.
        folder: Folder for unpacked files.
    """

    def __init__(self, reader: RowReader, folder: Path) -> None:
        self._reader, self._folder = reader, folder
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
            self._opened = file, rows, FieldColumns(rows, file.name, self._reader)
        return self._opened[1:]

    def _rows(self, path: Path, file: SourceFile) -> InputRows:
        with path.open("rb") as binary:
            start = binary.read(SAMPLE_BYTES)
        match self._form(start, file):
            case "parquet":
                return ParquetRows(path, file.name, file.folders)
            case "text":
                return CsvFileRows(path, file.name, self._reader.matches)
        lines = self._stack.enter_context(json_lines(path, file.name, self._folder))
        is_table = self._reader.table is not None
        return JsonFileRows(lines, file.name, self._reader.fields, is_table=is_table)

    def _form(self, start: bytes, file: SourceFile) -> FileKind:
        """Returns the format by the content, as training does; files without one have that of their name."""
        suffix = suffix_of(file)
        is_blank = not start.strip()
        if suffix in PARQUET_SUFFIXES and is_blank:
            return "parquet"
        if suffix in JSON_SUFFIXES and (is_blank or not self._has_header(start, file)):
            return "json lines"
        return "text" if is_blank else file_kind(start, file.name)

    def _has_header(self, start: bytes, file: SourceFile) -> bool:
        """Whether the header of a file names known columns; JSON has no header."""
        if start.lstrip().startswith((b"{", b"[")) or b"\0" in start:
            return False
        return self._reader.matches(detected_format(start, file.name, self._reader.matches).header) > 0


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
