"""The rows of a request, as the model takes them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from bundle import Field
from bundle.rows import value_pattern

# A set of so many strings of 256 characters, at most, for each field takes a megabyte.
_KNOWN_VALUES = 4_096
_LONGEST_KNOWN = 256

Row = tuple[Any, ...]
Columns = dict[str, Sequence[Any]]


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is wrong with one value.

    Attributes:
        field: Name of the field; None when the row as a whole is wrong.
        rule: What the value must be.
    """

    field: str | None = None
    rule: str = ""


class WrongRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands in the place of a prediction for a row that was skipped.

    Attributes:
        errors: What is wrong with it, the first of it.
        more: How many more errors it has.
    """

    errors: list[Fault]
    more: int = 0


class Rows(NamedTuple):
    """Decoded and valid rows, column by column.

    Attributes:
        columns: Values by field name, in the order of the request and None where absent; a field that is
            not among them is absent everywhere.
        size: Number of rows in the columns.
        wrong: Rows that were skipped, by their position in the request.
    """

    columns: Columns
    size: int
    wrong: Mapping[int, WrongRow] = {}


def join(parts: Sequence[Rows]) -> Rows:
    """The rows of several requests as if they had come in one."""
    parts = [part for part in parts if part.size]
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.columns)
    columns: Columns = {
        name: [*chain.from_iterable(part.columns.get(name) or (None,) * part.size for part in parts)]
        for name in names
    }
    return Rows(columns, sum(part.size for part in parts))


def columns_of(names: Sequence[str], rows: Iterable[Row]) -> Columns:
    """Rows, their values in the order of the names, turned."""
    return dict(zip(names, zip(*rows, strict=True), strict=False))


class Patterns:
    """The patterns of a model's strings; a value that comes often is looked at once."""

    def __init__(self, fields: Sequence[Field]) -> None:
        patterns = ((place, field.name, value_pattern(field)) for place, field in enumerate(fields))
        self._searches = [
            (place, name, re.compile(pattern).search, set[str]())
            for place, name, pattern in patterns
            if pattern
        ]

    def fit(self, row: Row) -> bool:
        """Whether the strings of a row, its values in field order, match their fields' patterns."""
        for place, _, search, known in self._searches:
            value = row[place]
            if value is None or value in known:
                continue
            if not search(value):
                return False
            if len(known) >= _KNOWN_VALUES:
                known.clear()
            if len(value) <= _LONGEST_KNOWN:
                known.add(value)
        return True

    def check(self, columns: Columns) -> None:
        """Raises msgspec's ValidationError unless every string matches its field's pattern."""
        for _, name, search, _ in self._searches:
            for value in set(columns.get(name, ())):
                if value is not None and not search(value):
                    raise msgspec.ValidationError(name)
