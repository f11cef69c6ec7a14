"""Rows of a CSV file in any encoding and with any delimiter that training reads."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from scoring.errors import ScoringError
from scoring.inputs.input_file import unique_names
from scoring.inputs.rows import RowBatch
from serving.rows.csv_rows import too_many_cells
from training.data.file_format import (
    OTHER_PAGE,
    SAMPLE_BYTES,
    UTF8,
    WESTERN,
    FileFormat,
    as_utf8,
    is_comment,
    skipped_comment,
)
from training.errors import TrainingError
from training.tables.files.full_text_encoding import full_text_encoding
from training.tables.texts.delimiter_detection import detected_format
from training.tables.texts.space_separated_text import space_separated_text

# Least and most bytes of a batch.
_BLOCK_BYTES = 1 << 21, 1 << 25
# Rows of a batch, about: more leave the processor's caches.
_ROWS = 1 << 17
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())


class CsvFileRows:
    """A CSV file, whose cells are text.

    Arrow's reader stops at a row with more or fewer cells than the header has; from there on Python's reader
    takes its place, which is slower. A short row between spaces is refused, because any of its cells may be
    the one that lacks.

    Args:
        path: The unpacked file.
        name: Its name in messages.
        matches: Counts the known columns in a header.

    Raises:
        ScoringError: When it is empty.
    """

    decides_commas = True

    def __init__(self, path: Path, name: str, matches: Callable[[Sequence[str]], int]) -> None:
        self._path, self._name = path, name
        with path.open("rb") as file:
            sample = file.read(SAMPLE_BYTES)
        try:
            self._form: FileFormat = detected_format(sample, name, matches)
        except TrainingError as error:
            raise ScoringError(f"{error}") from error
        self.header: Sequence[str] = self._form.header
        self.is_plain = self._form.is_plain
        self.schema = pa.schema([(name, pa.string()) for name in unique_names(self.header)])
        self._size = max(path.stat().st_size, 1)
        line_bytes = len(sample) / max(1, sample.count(b"\n"))
        self._block = min(max(int(_ROWS * line_bytes), _BLOCK_BYTES[0]), _BLOCK_BYTES[1])

    def batches(self) -> Iterator[RowBatch]:
        """Yields all rows.

        Raises:
            ScoringError: When the file is no text of its encoding, or no CSV.
        """
        rows = 0
        try:
            for batch in self._counted_batches():
                rows += len(batch.rows)
                yield batch
        except (pa.ArrowException, UnicodeError):
            if not self._has_other_page():
                yield from self._python_batches(rows)
                return
            self._form = replace(self._form, encoding=OTHER_PAGE)
            yield from self._after(rows)

    def _after(self, skipped: int) -> Iterator[RowBatch]:
        """Yields the rows after the first ones, which were ASCII, so that each encoding reads them alike."""
        before = 0
        for batch in self.batches():
            left, before = max(0, skipped - before), before + len(batch.rows)
            if not left:
                yield batch
            elif left < len(batch.rows):
                malformed = {place - left: rule for place, rule in batch.malformed.items() if place >= left}
                yield replace(batch, rows=batch.rows.slice(left), malformed=malformed)

    def _has_other_page(self) -> bool:
        """Whether bytes after the first sample show that the encoding is not UTF-8."""
        if self._form.encoding != UTF8:
            return False
        with self._path.open("rb") as file:
            try:
                return (
                    full_text_encoding(iter(lambda: file.read(SAMPLE_BYTES), b""), self._name) == OTHER_PAGE
                )
            except TrainingError as error:
                raise ScoringError(f"{error}") from error

    def distinct(self, position: int) -> Iterator[Any]:
        """Yields the distinct values of a column; raises as `batches`."""
        for batch in self.batches():
            column = batch.rows.column(position)
            yield column.dictionary if pa.types.is_dictionary(column.type) else column.unique()

    def _counted_batches(self) -> Iterator[RowBatch]:
        for number, batch in enumerate(self._arrow_batches(), start=1):
            if len(batch):
                yield RowBatch(rows=batch, done=min(1.0, number * self._block / self._size))

    def _arrow_batches(self) -> Iterator[pa.RecordBatch]:
        names = self.schema.names
        is_recoded = self._form.is_spaced or self._form.encoding == OTHER_PAGE
        with pa_csv.open_csv(
            self._recoded(pa.OSFile(str(self._path))) if is_recoded else self._path,
            read_options=pa_csv.ReadOptions(
                encoding=UTF8 if is_recoded else self._form.encoding,
                column_names=names,
                skip_rows=1 + self._form.lines_before,
                block_size=self._block,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._form.delimiter,
                newlines_in_values=True,
                invalid_row_handler=skipped_comment,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, _DICTIONARY), strings_can_be_null=False
            ),
        ) as reader:
            yield from reader

    def _recoded(self, file: Any) -> Any:
        """Returns the text in UTF-8, with a tab for each run of spaces that separates cells."""
        text = as_utf8(file, self._form.encoding)
        return space_separated_text(text) if self._form.is_spaced else text

    def _python_batches(self, skipped: int) -> Iterator[RowBatch]:
        before = 1 + self._form.lines_before
        try:
            with (
                self._path.open("rb") as binary,
                self._text(binary) as file,
            ):
                for _ in range(before):
                    file.readline()
                records = (
                    one
                    for one in csv.reader(file, delimiter=self._form.delimiter)
                    if one and not is_comment(one[0], len(one), len(self.header))
                )
                for _ in islice(records, skipped):
                    pass
                while block := [*islice(records, _ROWS)]:
                    yield self._batch(block, min(1.0, binary.tell() / self._size))
        except (UnicodeError, csv.Error) as error:
            reason = str(error).strip().rstrip(".")
            raise ScoringError(
                f"{self._name} cannot be read as CSV ({reason}): save it again, as CSV in UTF-8."
            ) from error

    def _text(self, binary: Any) -> io.TextIOWrapper:
        if self._form.is_spaced:
            return io.TextIOWrapper(self._recoded(pa.PythonFile(binary)), "utf-8-sig", newline="")
        read_as = {UTF8: ("utf-8-sig", "strict"), OTHER_PAGE: (WESTERN, "replace")}
        encoding, errors = read_as.get(self._form.encoding, (self._form.encoding, "strict"))
        return io.TextIOWrapper(binary, encoding, errors, newline="")

    def _batch(self, records: list[list[str]], done: float) -> RowBatch:
        width = len(self.header)
        malformed = {
            position: self._rule(len(record), width)
            for position, record in enumerate(records)
            if len(record) > width or (self._form.is_spaced and len(record) < width)
        }
        cells = [[*record[:width], *[""] * (width - len(record))] for record in records]
        columns = [pa.array(column, pa.string()) for column in zip(*cells, strict=True)]
        rows = pa.RecordBatch.from_arrays(columns, schema=self.schema)
        return RowBatch(rows=rows, done=done, malformed=malformed)

    def _rule(self, cells: int, width: int) -> str:
        """Returns the rule that a row of another width breaks; where spaces separate cells, any may lack."""
        if self._form.is_spaced:
            return f"has {cells} cells between spaces: the header has {width}"
        return too_many_cells(cells, width).rule
