"""A JSON body as rows, or as a truthful refusal."""

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import astuple

from bundle import MAX_ROWS, Field, Numerals, row_type
from serving.problem import Problem, too_large
from serving.rows.csv_rows import TableDecoder
from serving.rows.duplicate_names import Quotes
from serving.rows.row_errors import Triage
from serving.rows.rows import Patterns, Row, Rows, columns_of
from serving.rows.rules import Instance, Misfit

_SHAPES = (
    'one row as a JSON object, {"instances": [row, ...]}, {"values": [[value, ...], ...]} '
    'or {"data": "the text of a CSV"}'
)
_MEMBERS = ("instances", "values", "data")
_QUOTES_OF_MEMBER = len('""')
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class JsonDecoder:
    """Decodes and validates one row, or many under "instances", "values" or "data", in one step.

    Only a request that fails is read a second time, slowly, to say everything that is wrong with it.
    A name that is a field of the model is that field, unless it holds a list, which no field does.
    """

    def __init__(self, fields: Sequence[Field], table: TableDecoder, triage: Triage) -> None:
        self._names = [field.name for field in fields]
        row: Any = row_type(fields, patterns=False)
        array: Any = row_type(fields, array=True, patterns=False)
        self._one = msgspec.json.Decoder(row)
        shapes = {"instances": list[row], "values": list[array], "data": str}
        members = [
            (name, shape | UnsetType, UNSET)
            for name, shape in shapes.items()
            if name != "data" or name not in self._names
        ]
        many: Any = msgspec.defstruct("Many", members, forbid_unknown_fields=True)
        self._many: msgspec.json.Decoder[Any] = msgspec.json.Decoder(many)
        self._patterns = Patterns(fields)
        self._numerals = Numerals(fields) or None
        self._quotes = Quotes(fields, named=True)
        self._quotes_of_values = Quotes(fields, named=False)
        self._table = table
        self._triage = triage

    def decode(self, body: bytes, *, skip: bool = False) -> Rows:
        """The rows of a request.

        Args:
            body: The request's body.
            skip: Whether wrong rows are left out and not refused.

        Raises:
            Problem: 400 when the body is not a JSON object, 413 when it has too many rows, 422 when they
                are wrong.
        """
        row = self.decode_row(body)
        if row is not None:
            return Rows(columns_of(self._names, [row]), 1)
        try:
            return self._decode_many(body, skip)
        except msgspec.ValidationError:
            return self._explain(_parse(body), skip)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _not_json(error) from error

    def decode_row(self, body: bytes) -> Row | None:
        """The row of a request for one prediction, its values in field order.

        None when the request is another one, or wrong; `decode` tells.

        Raises:
            Problem: 400 when the row holds the same name twice.
        """
        try:
            row = astuple(self._one.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        _check_distinct(body, self._quotes.count_row(row))
        if not self._patterns.fit(row):
            return None
        return row if self._numerals is None else self._read_numerals(row)

    def _read_numerals(self, row: Row) -> Row | None:
        try:
            return self._numerals.read(row) if self._numerals else row
        except msgspec.ValidationError:
            return None

    def _decode_many(self, body: bytes, skip: bool) -> Rows:
        many = self._many.decode(body)
        members = [name for name in _MEMBERS if getattr(many, name, UNSET) is not UNSET]
        match members:
            case ["data"]:
                _check_distinct(body, _QUOTES_OF_MEMBER + len('""'))
                return self._table.decode(many.data, skip=skip)
            case ["instances"]:
                found, quotes = many.instances, self._quotes
            case ["values"]:
                found, quotes = many.values, self._quotes_of_values
            case _:
                raise msgspec.ValidationError
        _check_size(found)
        rows = Rows(columns_of(self._names, map(astuple, found)), len(found))
        _check_distinct(body, _QUOTES_OF_MEMBER + quotes.count(rows))
        self._patterns.check(rows.columns)
        return rows if self._numerals is None else Rows(self._numerals.read_columns(rows.columns), rows.size)

    def _explain(self, document: Any, skip: bool) -> Rows:
        if not isinstance(document, dict):
            raise Problem(400, f"The body must be {_SHAPES}.")
        member = next((name for name in _MEMBERS if self._is_member(name, document)), None)
        if member is None:
            return self._triage.sort([document], skip=skip, also=_MEMBERS)
        content = document[member]
        if len(document) > 1 or not isinstance(content, list) or member == "data":
            raise Problem(422, f'The body must be {_SHAPES}, with nothing beside "{member}".')
        _check_size(content)
        normal = self._from_array if member == "values" else _from_object
        return self._triage.sort([normal(row) for row in content], skip=skip)

    def _is_member(self, name: str, document: dict[str, Any]) -> bool:
        if name not in self._names:
            return name in document
        return name != "data" and isinstance(document.get(name), list)

    def _from_array(self, row: Any) -> Instance | Misfit:
        if not isinstance(row, list):
            return Misfit("must be a JSON array of values in the order of the fields")
        if len(row) > len(self._names):
            return Misfit(f"has {len(row)} values: {len(self._names)} are the most")
        return dict(zip(self._names, row, strict=False))


def _from_object(row: Any) -> Instance | Misfit:
    return row if isinstance(row, dict) else Misfit("must be a JSON object of field names and values")


def _check_size(rows: Sequence[Any]) -> None:
    if not rows:
        raise Problem(422, "The request has no rows: send one row at least.")
    if len(rows) > MAX_ROWS:
        raise too_large("The request has too many rows")


def _check_distinct(body: bytes, quotes: int) -> None:
    if body.count(b'"') != quotes:
        _parse(body)


def _parse(body: bytes) -> Any:
    try:
        if _SURROGATE.search(body):
            # The standard library takes half of a pair, which is no text, for text.
            msgspec.json.decode(body)
        # All numbers as floats: Python refuses to read an int of 4,301 digits, and a float's bounds say why.
        return json.loads(
            body.decode(), object_pairs_hook=_distinct, parse_int=float, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise _not_json(error) from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object holds the same name twice")
    return members


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _not_json(error: Exception) -> Problem:
    return Problem(400, f"The body is not JSON ({error}): send {_SHAPES}, in UTF-8.")
