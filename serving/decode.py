"""A request body as rows, or as a truthful refusal."""

import json
from collections.abc import Sequence
from itertools import compress, repeat
from operator import is_not
from typing import Any, NoReturn

import msgspec
from msgspec.structs import astuple

from bundle import MAX_ROWS, Field, row_type
from serving.problem import Problem, RowError
from serving.rules import Rules

_SHAPES = 'one row as a JSON object, or {"instances": [row, ...]}'
_LISTED_ERRORS = 100

Row = tuple[Any, ...]


class RequestDecoder:
    """Decodes and validates one row or {"instances": [...]} in one step each.

    Only a request that fails is read a second time, slowly, to list everything that is wrong with it.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        row: Any = row_type(fields)
        batch = msgspec.defstruct("Batch", [("instances", list[row])], forbid_unknown_fields=True)
        self._row = msgspec.json.Decoder(row)
        self._batch: msgspec.json.Decoder[Any] = msgspec.json.Decoder(batch)
        # Quotation marks of a field that is present: its name's and, unless it is a number, its value's.
        self._quotes = [2 if field.is_number else 4 for field in fields]
        self._names = {field.name for field in fields}
        self._rules = Rules(fields)

    def decode(self, body: bytes) -> list[Row]:
        """The rows of a request, each with its values in field order and None where absent.

        Raises:
            Problem: 400 when the body is not JSON, 413 when it has too many rows, 422 when they are wrong.
        """
        try:
            rows, quotes = self._decode(body)
        except msgspec.ValidationError as error:
            self._explain(body, error)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _not_json(error) from error
        # A key given twice would be decoded in silence. It, an escape or a null adds quotation marks; none of
        # them can take one away.
        if body.count(b'"') != quotes + self._count_quotes(rows):
            _parse(body)
        return rows

    def _decode(self, body: bytes) -> tuple[list[Row], int]:
        try:
            return [astuple(self._row.decode(body))], 0
        except msgspec.ValidationError:
            instances = self._batch.decode(body).instances
        _check_size(instances)
        return [astuple(instance) for instance in instances], len('""')

    def _count_quotes(self, rows: list[Row]) -> int:
        present = (map(is_not, row, repeat(None)) for row in rows)
        return sum(sum(compress(self._quotes, flags)) for flags in present)

    def _explain(self, body: bytes, error: msgspec.ValidationError) -> NoReturn:
        instances = self._instances(_parse(body))
        _check_size(instances)
        listed: list[RowError] = []
        count, wrong = 0, set()
        for row, instance in enumerate(instances):
            for found in self._rules.errors(instance, row):
                wrong.add(row)
                count += 1
                if count <= _LISTED_ERRORS:
                    listed.append(found)
        if not listed:
            raise Problem(422, f"The request is not one that this model takes: {error}.") from error
        more = f"; the first {_LISTED_ERRORS} are listed" if count > _LISTED_ERRORS else ""
        detail = f"The request has {count} errors in {len(wrong)} of its {len(instances)} rows{more}."
        raise Problem(422, detail, errors=listed) from error

    def _instances(self, document: Any) -> list[Any]:
        if not isinstance(document, dict):
            raise Problem(422, f"The body must be {_SHAPES}.")
        if "instances" not in document or "instances" in self._names:
            return [document]
        if len(document) > 1 or not isinstance(document["instances"], list):
            raise Problem(422, f'The body must be {_SHAPES}, with nothing beside "instances".')
        return document["instances"]


def _check_size(instances: Sequence[Any]) -> None:
    if not instances:
        raise Problem(422, '"instances" is empty: send one row at least.')
    if len(instances) > MAX_ROWS:
        raise Problem(
            413, f"The request has {len(instances)} rows, and {MAX_ROWS} are the most: send several requests."
        )


def _parse(body: bytes) -> Any:
    # Every number as a float: Python refuses to read an int of 4,301 digits, and a float's bounds say why.
    try:
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
