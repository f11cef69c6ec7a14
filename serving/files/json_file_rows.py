"""Rows of a JSON Lines file: an object on each line, and the answer as further members of it."""

from collections.abc import Sequence

import msgspec

from bundle import Field
from bundle.scored_file_formats import FileError
from serving.predict.csv_response import Outcome
from serving.predict.predictor import Predictor
from serving.rows.json_document import UTF8_MARK
from serving.rows.request_rows import InvalidRow, RequestRows
from serving.rows.row_validator import MalformedRow, RawRow

_encode = msgspec.json.Encoder().encode


class JsonRows:
    """Rows of one JSON Lines file.

    Args:
        key: Key of the object, for messages.
        fields: Fields of the model; other members are kept, and not read.
        predictor: Decodes the rows.
    """

    def __init__(self, key: str, fields: Sequence[Field], predictor: Predictor) -> None:
        self._key = key
        self._decoder = predictor.json_lines
        self._validator = predictor.validator
        self._names = {field.name for field in fields}
        self._answer = predictor.csv_writer.columns
        self._refused = b",".join(_encode(name) + b":null" for name in self._answer) + b"}"
        self._has_others = False

    def begin(self) -> bytes:
        """Returns nothing: JSON Lines have no header."""
        return b""

    def records(self, content: bytes) -> list[bytes]:
        """Splits a range into its lines; empty lines are no records."""
        lines = content.removeprefix(UTF8_MARK).split(b"\n")
        return [line for line in map(bytes.strip, lines) if line]

    def decode_valid(self, records: Sequence[bytes]) -> RequestRows:
        """Decodes records of which each is valid; raises msgspec.ValidationError when one is not."""
        if not self._has_others:
            return self._decoder.decode_valid(records)
        found = self.validate(records, skip=True)
        if found.invalid:
            raise msgspec.ValidationError
        return found

    def validate(self, records: Sequence[bytes], *, skip: bool) -> RequestRows:
        """Decodes records one by one.

        Raises:
            FileError: When a row has a member with a name of the answer.
        """
        return self._validator.validate([self._of_fields(line) for line in records], skip=skip)

    def write(self, records: Sequence[bytes], outcomes: Sequence[Outcome]) -> bytes:
        """Returns the lines of a result; a refused row has null as its answer."""
        return b"".join(
            [self._joined(record, outcome) + b"\n" for record, outcome in zip(records, outcomes, strict=True)]
        )

    def value(self, record: bytes, field: str) -> str:
        """Returns the JSON of a member, empty when there is none."""
        row = self._row(record)
        if isinstance(row, MalformedRow) or row.get(field) is None:
            return ""
        value = row[field]
        return value if isinstance(value, str) else _encode(value).decode()

    def _row(self, line: bytes) -> RawRow:
        return self._decoder.raw_row(line)

    def _of_fields(self, line: bytes) -> RawRow:
        row = self._row(line)
        if isinstance(row, MalformedRow) or row.keys() <= self._names:
            return row
        self._has_others = True
        for name in self._answer:
            if name in row and name not in self._names:
                raise FileError(
                    f"{self._key} has rows with {name!r}, which is part of the answer: rename it."
                )
        return {name: value for name, value in row.items() if name in self._names}

    def _joined(self, line: bytes, outcome: Outcome) -> bytes:
        members = self._refused if isinstance(outcome, InvalidRow) else _encode(outcome)[1:]
        own = line
        if not line.startswith(b"{"):
            row = self._row(line)
            own = b"{}" if isinstance(row, MalformedRow) else _encode(row)
        elif isinstance(outcome, InvalidRow) and isinstance(self._row(line), MalformedRow):
            own = b"{}"
        begin = own[:-1].rstrip()
        return begin + (b"" if begin == b"{" else b",") + members


def count_lines(content: bytes, *, is_end: bool) -> tuple[int, int]:
    """Returns the number of rows that end in `content`, and the number of bytes that they take."""
    size = len(content) if is_end else content.rfind(b"\n") + 1
    return sum(1 for line in content[:size].split(b"\n") if line.strip()), size
