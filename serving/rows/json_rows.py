"""JSON decoder: a request body as validated rows, or a problem document that lists its errors."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import astuple

from bundle import Field, Numerals, row_type
from serving.rows.csv_rows import CsvDecoder
from serving.rows.json_document import (
    MEMBERS,
    UTF8_MARK,
    JsonDocument,
    check_row_count,
    not_json,
    parse_document,
)
from serving.rows.request_rows import PatternChecker, RequestRows, Row, RuleChecker, columns_of
from serving.rows.row_validator import RowValidator

_QUOTES_OF_MEMBER = len('""')
# Characters up to the list of a body of many rows.
_LONGEST_MEMBER = 32


class JsonDecoder:
    """Decodes and validates one row, or many under "instances", "values" or "data", in one step.

    An invalid request is parsed a second time, to list all its errors.

    Args:
        fields: Fields of a row.
        csv_decoder: Decoder of "data".
        validator: Validator of rows.
        familiar: The fields narrowed to the values that training saw; None when that is not known.

    Attributes:
        document: Validator of parsed bodies.
        row: Decoder of bodies of one row.
    """

    def __init__(
        self,
        fields: Sequence[Field],
        csv_decoder: CsvDecoder,
        validator: RowValidator,
        familiar: Sequence[Field] | None = None,
    ) -> None:
        self._names = [field.name for field in fields]
        self.row = RowDecoder(fields)
        # A row that decodes by narrower fields has no unfamiliar value, and needs no further check.
        self._familiar = None if familiar is None else RowDecoder(familiar)
        optional = [
            position for position, field in enumerate(fields) if not (field.required or field.ignored)
        ]
        # A model without optional fields cannot lack them all.
        self._first_optional = optional[0] if optional else 0
        self._all_unknown = len(optional) or len(fields) + 1
        row: Any = row_type(fields, patterns=False)
        array: Any = row_type(fields, array=True, patterns=False)
        shapes = {"instances": list[row], "values": list[array], "data": str}
        members = [
            (name, shape | UnsetType, UNSET)
            for name, shape in shapes.items()
            if name != "data" or name not in self._names
        ]
        many: Any = msgspec.defstruct("Many", members, forbid_unknown_fields=True)
        self._many: msgspec.json.Decoder[Any] = msgspec.json.Decoder(many)
        self._patterns = PatternChecker(fields)
        self._rules = RuleChecker(fields)
        self._numerals = Numerals(fields) or None
        self._quotes_of_values = QuoteCounter(fields, named=False)
        self._csv = csv_decoder
        self.document = JsonDocument(self._names, validator)

    def decode(self, body: bytes, *, skip: bool = False) -> RequestRows:
        """Decodes the rows of a request.

        Args:
            body: Body of the request.
            skip: Whether invalid rows are skipped instead of refusing the request.

        Raises:
            Problem: 400 when the body is not a JSON object, 413 when it has too many rows, 422 when rows are
                invalid.
        """
        body = body.removeprefix(UTF8_MARK)
        one = self.decode_row(body)
        if one is not None:
            return self.columns([one[0]], familiar=one[1])
        try:
            return self._decode_many(body, skip)
        except msgspec.ValidationError:
            return self.document.validate(parse_document(body), skip=skip)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise not_json(error) from error

    def decode_row(self, body: bytes) -> tuple[Row, bool] | None:
        """Decodes a body that is one valid row, and says whether it is familiar.

        Returns None for any other body, which `decode` reads.

        Raises:
            Problem: 400 when the row contains one name twice.
        """
        # The list of a body of many rows is near its beginning: it is tried as a row once, not twice.
        if self._familiar is None or body.find(b"[", 0, _LONGEST_MEMBER) >= 0:
            row = self.row.decode(body)
            return None if row is None else (row, False)
        row = self._familiar.decode(body)
        if row is not None:
            # Most rows have the first optional field, so that nothing is counted.
            return row, row[self._first_optional] is not None or row.count(None) < self._all_unknown
        row = self.row.decode(body)
        return None if row is None else (row, False)

    def columns(self, rows: Sequence[Row], *, familiar: bool = False) -> RequestRows:
        """Converts rows of `decode_row` to columns."""
        return RequestRows(columns_of(self._names, rows), len(rows), familiar=familiar)

    def _decode_many(self, body: bytes, skip: bool) -> RequestRows:
        many = self._many.decode(body)
        members = [name for name in MEMBERS if getattr(many, name, UNSET) is not UNSET]
        match members:
            case ["data"]:
                _check_distinct(body, _QUOTES_OF_MEMBER + len('""'))
                return self._csv.decode(many.data, skip=skip)
            case ["instances"]:
                found, quotes = many.instances, self.row.quotes
            case ["values"]:
                found, quotes = many.values, self._quotes_of_values
            case _:
                raise msgspec.ValidationError
        check_row_count(found)
        rows = RequestRows(columns_of(self._names, map(astuple, found)), len(found))
        _check_distinct(body, _QUOTES_OF_MEMBER + quotes.count(rows))
        self._patterns.check(rows.columns)
        columns = rows.columns if self._numerals is None else self._numerals.read_columns(rows.columns)
        self._rules.check(columns)
        return RequestRows(columns, rows.size)


class RowDecoder:
    """Decodes bodies that are one valid row.

    Attributes:
        quotes: Counter of quotation marks in rows that are objects.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        row: Any = row_type(fields, patterns=False)
        self._one = msgspec.json.Decoder(row)
        self._patterns = PatternChecker(fields)
        self._rules = RuleChecker(fields)
        self._numerals = Numerals(fields) or None
        self.quotes = QuoteCounter(fields, named=True)

    def decode(self, body: bytes) -> Row | None:
        """Decodes a body; returns None unless it is one valid row.

        Raises:
            Problem: 400 when the row contains one name twice.
        """
        try:
            row = astuple(self._one.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        _check_distinct(body, self.quotes.count_row(row))
        if not self._patterns.matches(row):
            return None
        found = row if self._numerals is None else self._read_numerals(row)
        return found if found and self._rules.matches(found) else None

    def _read_numerals(self, row: Row) -> Row | None:
        try:
            return self._numerals.read(row) if self._numerals else row
        except msgspec.ValidationError:
            return None


class QuoteCounter:
    """Computes the number of quotation marks in the JSON text of rows without duplicate names.

    msgspec decodes a duplicate name without an error. A duplicate name, an escape or a null adds quotation
    marks to the number and nothing removes any, so a text with exactly this number has no duplicate names.

    Args:
        fields: Fields of a row.
        named: Whether each value has its name, as in an object.
    """

    def __init__(self, fields: Sequence[Field], *, named: bool) -> None:
        each = {field.name: 2 * named + 2 * field.is_string for field in fields}
        self._row = sum(each.values())
        self._optional = [(field.name, each[field.name]) for field in fields if not field.required]
        # An absent number or boolean removes this many, an absent string two more.
        self._absent = 2 * named
        self._from_text = [position for position, field in enumerate(fields) if field.from_text]
        self._names = [fields[position].name for position in self._from_text]
        self._strings = [
            position for position, field in enumerate(fields) if field.is_string and not field.required
        ]

    def count_row(self, row: Row) -> int:
        """Returns the number for one row, its values in field order."""
        quotes = self._row - self._absent * row.count(None)
        # Loops, because a sum takes three times as long for the one or two strings of most models.
        for position in self._strings:
            if row[position] is None:
                quotes -= 2
        for position in self._from_text:
            if row[position].__class__ is str:
                quotes += 2
        return quotes

    def count(self, rows: RequestRows) -> int:
        """Returns the number for several rows."""
        columns = rows.columns
        absent = sum([columns[name].count(None) * quotes for name, quotes in self._optional])
        texts = sum([value.__class__ is str for name in self._names for value in columns[name]])
        return self._row * rows.size - absent + 2 * texts


def _check_distinct(body: bytes, quotes: int) -> None:
    if body.count(b'"') != quotes:
        parse_document(body)
