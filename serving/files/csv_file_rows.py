"""Rows of a CSV file: the columns of the model, its own columns, and the answers beside them."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from bundle import Field
from bundle.scored_file_formats import FileError
from serving.files.csv_records import CsvRecord, read_records
from serving.predict.csv_response import Outcome, prediction_cells
from serving.predict.predictor import Predictor
from serving.rows.csv_rows import Record
from serving.rows.request_rows import InvalidRow, RequestRows
from serving.rows.row_error_messages import nearest, printable
from serving.rows.row_validator import MalformedRow


class CsvRows:
    """Rows of one CSV file.

    Args:
        key: Key of the object, for messages.
        header: Names of its columns; those that are no fields are kept, and not read.
        fields: Fields of the model.
        predictor: Decodes the rows.

    Raises:
        FileError: When a column is missing, repeated, or named as one of the answer.
    """

    def __init__(self, key: str, header: Record, fields: Sequence[Field], predictor: Predictor) -> None:
        self._decoder = predictor.csv
        self._answer = predictor.csv_writer.columns
        self._header = header
        known = {field.name for field in fields}
        self._places = {name: place for place, name in enumerate(header) if name in known}
        self._names = [*self._places]
        for sentence in _problems(header, fields, self._answer):
            raise FileError(f"{key} {sentence}")

    def begin(self) -> bytes:
        """Returns the header line of a result."""
        return _csv([[*self._header, *self._answer]])

    def records(self, content: bytes) -> list[CsvRecord]:
        """Reads the records of a range."""
        return read_records(content, is_end=True)[0]

    def decode_valid(self, records: Sequence[CsvRecord]) -> RequestRows:
        """Decodes records of which each is valid; raises msgspec.ValidationError when one is not."""
        read = [self._of_fields(record) for record in records]
        valid = [record for record in read if not isinstance(record, MalformedRow)]
        if len(valid) < len(read):
            raise msgspec.ValidationError
        return self._decoder.decode_valid(valid, self._names)

    def validate(self, records: Sequence[CsvRecord], *, skip: bool) -> RequestRows:
        """Decodes records one by one."""
        read = [self._of_fields(record) for record in records]
        return self._decoder.validate(read, self._names, skip=skip)

    def write(self, records: Sequence[CsvRecord], outcomes: Sequence[Outcome]) -> bytes:
        """Returns the lines of a result; a refused row has empty cells of the answer."""
        return _csv(
            [*self._own(record), *self._cells(outcome)]
            for record, outcome in zip(records, outcomes, strict=True)
        )

    def value(self, record: CsvRecord, field: str) -> str:
        """Returns the cell of a field, empty when there is none."""
        place = self._places.get(field)
        return "" if place is None or isinstance(record, MalformedRow) else "".join(record[place : place + 1])

    def _of_fields(self, record: CsvRecord) -> CsvRecord:
        """Returns the cells of the fields."""
        width = len(self._header)
        if isinstance(record, MalformedRow) or self._names == self._header:
            return record
        if len(record) > width:
            return MalformedRow(f"has {len(record)} cells: {width} are the most")
        if len(record) < width:
            record = [*record, *[""] * (width - len(record))]
        return [record[place] for place in self._places.values()]

    def _own(self, record: CsvRecord) -> Record:
        width = len(self._header)
        cells = [] if isinstance(record, MalformedRow) else record[:width]
        return [*cells, *[""] * (width - len(cells))]

    def _cells(self, outcome: Outcome) -> Sequence[Any]:
        return [""] * len(self._answer) if isinstance(outcome, InvalidRow) else prediction_cells(outcome)


def _problems(header: Record, fields: Sequence[Field], answer: Sequence[str]) -> Iterator[str]:
    counts = Counter(header)
    for name in [field.name for field in fields if field.required and field.name not in counts]:
        near = nearest(name, header[:100])
        hint = f" (did you mean its column {printable(near)!r}?)" if near else ""
        yield f"has no column {name!r}{hint}: name the columns of its header as the model's fields."
    for name in [field.name for field in fields if counts[field.name] > 1]:
        yield f"has the column {name!r} {counts[name]} times: remove or rename all but one."
    for name in answer:
        if name in counts:
            yield f"has a column {name!r}, which is one of the answer: rename it."


def _csv(lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()
