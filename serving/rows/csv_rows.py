"""CSV decoder (RFC 4180): a request body as validated rows, or a problem document that lists its errors."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from types import GenericAlias
from typing import Any, NamedTuple

import msgspec

from bundle import MAX_BODY_BYTES, MAX_ROWS, Field
from bundle.rows import value_type
from serving.problem import Problem, too_large
from serving.rows.request_rows import PatternChecker, RequestColumns, RequestRows, RuleChecker
from serving.rows.row_error_messages import printable
from serving.rows.row_validator import ErrorDescriber, MalformedRow, RawRow, RowValidator

# The default limit of 131,072 characters per cell is below that of a body.
csv.field_size_limit(MAX_BODY_BYTES)

_LISTED_NAMES = 20
# Between digits, where another character is the delimiter, it is a decimal comma.
_COMMA_BETWEEN_CELLS = re.compile(r"(?<!\d),|,(?!\d)")
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}

# Cells of one line.
Record = list[str]


class _Cells(NamedTuple):
    """Column types of one field, without and with empty cells, and msgspec's strictness."""

    present: Any
    optional: Any
    strict: bool


class CsvDecoder:
    """Decodes CSV column by column.

    Attributes:
        names: Names of the fields, in the order of the cells of a line without a header.
    """

    def __init__(self, fields: Sequence[Field], validator: RowValidator) -> None:
        self._fields = {field.name: field for field in fields}
        self._required = {field.name for field in fields if field.required}
        self._cells = {field.name: _cells(field) for field in fields}
        self._patterns = PatternChecker(fields)
        self._rules = RuleChecker(fields)
        self._validator = validator
        self.names: Record = [*self._fields]

    def decode(self, text: str, *, header: bool | None = None, skip: bool = False) -> RequestRows:
        """Decodes the rows of a CSV.

        Args:
            text: The CSV. An empty cell is an absent value; cells may be missing at the end of a line.
            header: Whether its first line is a header; None to detect it: a header has names of fields in at
                least half of its cells.
            skip: Whether invalid rows are skipped instead of refusing the request.

        Raises:
            Problem: 400 when the text is not CSV or has another delimiter than the comma, 413 when it has too
                many rows, 422 when the header or rows are invalid.
        """
        records = _read(text)
        first = records[0] if records else []
        try:
            return self._decode(records, header, skip=skip)
        except Problem as problem:
            if problem.status == 422 and (delimiters := self._other_delimiters(first, problem)):
                raise _not_csv(f"its cells are separated by {delimiters}") from problem
            raise

    def _decode(self, records: list[Record], header: bool | None, *, skip: bool) -> RequestRows:
        names = self.header(records[0], header) if records else None
        if names is None:
            names = self.names
        else:
            records.pop(0)
        if not records:
            raise Problem(422, "The CSV has no rows: send one row at least.")
        if len(records) > MAX_ROWS:
            raise too_large("The request has too many rows")
        try:
            return self.decode_valid(records, names)
        except msgspec.ValidationError:
            return self.validate(records, names, skip=skip)

    def header(self, record: Record, header: bool | None) -> Record | None:
        """Returns the names of the first line if it is a header; None if it is a row.

        Args:
            record: Its cells.
            header: Whether it is a header; None to detect it.

        Raises:
            Problem: 422 when a name is unknown, repeated or missing.
        """
        if header is None and record:
            header = 2 * sum(cell in self._fields for cell in record) >= len(record)
        return self._check_header(record) if header else None

    def decode_valid(self, records: Sequence[Record], names: Record) -> RequestRows:
        """Decodes lines whose cells are the fields `names`.

        Raises:
            msgspec.ValidationError: When one is invalid.
        """
        return RequestRows(self._columns(names, records), len(records))

    def validate(self, records: Sequence[Record | MalformedRow], names: Record, *, skip: bool) -> RequestRows:
        """Validates lines one by one.

        Raises:
            Problem: 422 when one is invalid and not skipped.
        """
        return self._validator.validate([self._raw_row(names, record) for record in records], skip=skip)

    def _other_delimiters(self, first: Record, problem: Problem) -> str | None:
        """Returns the name of the delimiters of an invalid first line; None when they are commas."""
        line = ",".join(first)
        is_valid = problem.errors and problem.errors[0].row != 0
        if is_valid or _COMMA_BETWEEN_CELLS.search(line):
            return None
        for delimiter, name in _OTHER_DELIMITERS.items():
            cells = line.count(delimiter) + 1
            if max(len(first), 1) < cells <= len(self._fields) and cells >= len(self._required):
                return name
        return None

    def _check_header(self, names: Record) -> Record:
        """Returns the names of a header; raises Problem 422 when one is unknown, repeated or missing."""
        known = {*names}
        if len(known) < len(names) or not self._required <= known <= self._fields.keys():
            raise Problem(422, f"The header of the CSV is wrong: {'; '.join(self._header_errors(names))}.")
        return names

    def _header_errors(self, names: Record) -> Iterator[str]:
        describer = ErrorDescriber([*self._fields.values()])
        unknown = [name for name in dict.fromkeys(names) if name not in self._fields]
        for name in unknown[:_LISTED_NAMES]:
            yield f"{printable(name)!r} {describer.unknown_rule(name)}"
        if len(unknown) > _LISTED_NAMES:
            yield f"{len(unknown) - _LISTED_NAMES} more names are not fields either"
        counts = Counter(names)
        yield from (f"{name} is there {counts[name]} times" for name in self._fields if counts[name] > 1)
        yield from (f"{name} is required" for name in self._fields if name in self._required - {*names})

    def _columns(self, names: Record, records: Sequence[Record]) -> RequestColumns:
        # Checked first, because one very long line would make very many columns.
        if max(map(len, records)) > len(names):
            raise msgspec.ValidationError
        found = zip_longest(*records, fillvalue="")
        columns = {name: self._column(name, cells) for name, cells in zip(names, found, strict=False)}
        if not self._required <= columns.keys():
            raise msgspec.ValidationError
        self._patterns.check(columns)
        self._rules.check(columns)
        return columns

    def _column(self, name: str, cells: Sequence[str]) -> Sequence[Any]:
        kind, optional, strict = self._cells[name]
        if "" not in cells:
            present: list[Any] = msgspec.convert(cells, kind, strict=strict)
            return present
        values: list[Any] = msgspec.convert([cell or None for cell in cells], optional, strict=strict)
        # Not strict, msgspec reads None from the text "null".
        if not strict and values.count(None) != cells.count(""):
            raise msgspec.ValidationError
        return values

    def _raw_row(self, names: Record, record: Record | MalformedRow) -> RawRow:
        """Converts a line to the JSON object of the same row."""
        if isinstance(record, MalformedRow):
            return record
        if len(record) > len(names):
            return too_many_cells(len(record), len(names))
        return {name: self._value(name, cell) for name, cell in zip(names, record, strict=False) if cell}

    def _value(self, name: str, cell: str) -> Any:
        field = self._fields[name]
        if not field.is_string:
            try:
                return msgspec.convert(cell, float if field.is_number else bool, strict=False)
            except msgspec.ValidationError:
                pass
        return cell


def too_many_cells(cells: int, most: int) -> MalformedRow:
    """Returns the error of a line with more cells than there are columns."""
    return MalformedRow(f"has {cells} cells: {most} are the most")


def _cells(field: Field) -> _Cells:
    kind = value_type(field, patterns=False)
    optional = kind if field.required else kind | None
    # Not strict, msgspec reads numbers and booleans from text; other types must not be converted.
    return _Cells(GenericAlias(list, (kind,)), GenericAlias(list, (optional,)), strict=field.is_string)


def _read(text: str) -> list[Record]:
    if "\0" in text:
        raise _not_csv("it contains NUL characters")
    lines = io.StringIO(text.removeprefix("\ufeff").rstrip("\r\n"), newline="")
    reader = csv.reader(lines, strict=True)
    try:
        # A header, and one row more than allowed.
        return [*islice(reader, MAX_ROWS + 2)]
    except csv.Error as error:
        raise _not_csv(f"line {reader.line_num}: {error}") from error


def csv_text(body: bytes) -> str:
    """Decodes the text of a CSV body.

    Raises:
        Problem: 400 when the body is not UTF-8.
    """
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _not_csv(f"{error}") from error


def _not_csv(cause: str) -> Problem:
    return Problem(400, f"The body is not CSV ({cause}): send comma-separated values, in UTF-8.")
