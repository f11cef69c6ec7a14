"""CSV (RFC 4180) as rows, or as a truthful refusal."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from types import GenericAlias
from typing import Any, NamedTuple

import msgspec

from bundle import MAX_BODY_BYTES, MAX_ROWS, Field
from bundle.rows import value_type
from serving.problem import Problem, too_large
from serving.rows.row_errors import Triage
from serving.rows.rows import Columns, Patterns, Rows
from serving.rows.rule_sentences import printable
from serving.rows.rules import Instance, Misfit, Sentences

# The reader's own limit, 131,072 characters a cell, would refuse a long text as no CSV.
csv.field_size_limit(MAX_BODY_BYTES)

_LISTED_NAMES = 20

Record = list[str]


class _Cells(NamedTuple):
    """How the cells of one field are converted: all present, or with gaps."""

    full: Any
    gaps: Any
    strict: bool


class TableDecoder:
    """Decodes CSV column by column."""

    def __init__(self, fields: Sequence[Field], triage: Triage) -> None:
        self._fields = {field.name: field for field in fields}
        self._required = {field.name for field in fields if field.required}
        self._cells = {field.name: _cells(field) for field in fields}
        self._patterns = Patterns(fields)
        self._triage = triage

    def decode(self, text: str, *, header: bool | None = None, skip: bool = False) -> Rows:
        """The rows of a CSV.

        Args:
            text: The CSV. An empty cell is an absent value; cells may be missing at the end of a line.
            header: Whether its first line names the fields; None to look: it does when at least half of its
                cells are names of fields.
            skip: Whether wrong rows are left out and not refused.

        Raises:
            Problem: 400 when it is not CSV, 413 when it has too many rows, 422 when they or the header are
                wrong.
        """
        records = _read(text)
        named = self._has_header(records, header)
        names = self._checked(records.pop(0)) if named else [*self._fields]
        if not records:
            raise Problem(422, "The CSV has no rows: send one row at least.")
        if len(records) > MAX_ROWS:
            raise too_large("The request has too many rows")
        try:
            return Rows(self._columns(names, records), len(records))
        except msgspec.ValidationError:
            return self._triage.sort([self._instance(names, record) for record in records], skip=skip)

    def _has_header(self, records: list[Record], header: bool | None) -> bool:
        if header is None and records and records[0]:
            return 2 * sum(cell in self._fields for cell in records[0]) >= len(records[0])
        return bool(header and records)

    def _checked(self, names: Record) -> Record:
        """The names of a header, which must be fields, once each, and all that are required."""
        known = {*names}
        if len(known) < len(names) or not self._required <= known <= self._fields.keys():
            raise Problem(422, f"The header of the CSV is wrong: {'; '.join(self._trouble(names))}.")
        return names

    def _trouble(self, names: Record) -> Iterator[str]:
        sentences = Sentences([*self._fields.values()])
        unknown = [name for name in dict.fromkeys(names) if name not in self._fields]
        for name in unknown[:_LISTED_NAMES]:
            yield f"{printable(name)!r} {sentences.unknown_rule(name)}"
        if len(unknown) > _LISTED_NAMES:
            yield f"{len(unknown) - _LISTED_NAMES} names more are none either"
        counts = Counter(names)
        yield from (f"{name} is there {counts[name]} times" for name in self._fields if counts[name] > 1)
        yield from (f"{name} is required" for name in self._fields if name in self._required - {*names})

    def _columns(self, names: Record, records: list[Record]) -> Columns:
        # Looked at first: one very long row among a thousand would make very many columns of a thousand.
        if max(map(len, records)) > len(names):
            raise msgspec.ValidationError
        found = zip_longest(*records, fillvalue="")
        columns = {name: self._column(name, cells) for name, cells in zip(names, found, strict=False)}
        if not self._required <= columns.keys():
            raise msgspec.ValidationError
        self._patterns.check(columns)
        return columns

    def _column(self, name: str, cells: Sequence[str]) -> Sequence[Any]:
        full, gaps, strict = self._cells[name]
        if "" not in cells:
            present: list[Any] = msgspec.convert(cells, full, strict=strict)
            return present
        values: list[Any] = msgspec.convert([cell or None for cell in cells], gaps, strict=strict)
        # Not strict takes the text "null" for None too.
        if not strict and values.count(None) != cells.count(""):
            raise msgspec.ValidationError
        return values

    def _instance(self, names: Record, record: Record) -> Instance | Misfit:
        """A row as if it had come as a JSON object."""
        if len(record) > len(names):
            return Misfit(f"has {len(record)} cells: {len(names)} are the most")
        return {name: self._value(name, cell) for name, cell in zip(names, record, strict=False) if cell}

    def _value(self, name: str, cell: str) -> Any:
        if self._fields[name].is_number:
            try:
                return msgspec.convert(cell, float, strict=False)
            except msgspec.ValidationError:
                pass
        return cell


def _cells(field: Field) -> _Cells:
    kind = value_type(field, patterns=False)
    gaps = kind if field.required else kind | None
    # Numbers alone are read from text; what may be null, number or both would else be guessed.
    return _Cells(GenericAlias(list, (kind,)), GenericAlias(list, (gaps,)), strict=not field.is_number)


def _read(text: str) -> list[Record]:
    if "\0" in text:
        raise _not_csv("it holds NUL characters")
    lines = io.StringIO(text.removeprefix("\ufeff").rstrip("\r\n"), newline="")
    reader = csv.reader(lines, strict=True)
    try:
        # A header, and one row more than the most.
        return [*islice(reader, MAX_ROWS + 2)]
    except csv.Error as error:
        raise _not_csv(f"line {reader.line_num}: {error}") from error


def text_of(body: bytes) -> str:
    """A CSV's text.

    Raises:
        Problem: 400 when it is not UTF-8.
    """
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _not_csv(f"{error}") from error


def _not_csv(cause: str) -> Problem:
    return Problem(400, f"The body is not CSV ({cause}): send comma-separated values, in UTF-8.")
