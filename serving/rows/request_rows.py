"""Decoded rows of a request: columns of values, invalid rows, and the checks of patterns and row rules."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import msgspec

from bundle import Field
from bundle.rows import value_pattern

# Matched strings are cached per field; this many of at most 256 characters take about a megabyte.
_CACHED_VALUES = 4_096
_LONGEST_CACHED = 256

# Values of one row in field order.
Row = tuple[Any, ...]
# Values of many rows by field name.
RequestColumns = dict[str, Sequence[Any]]


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """Error of one value.

    Attributes:
        field: Name of the field; None when the row as a whole is wrong.
        rule: The rule that the value breaks.
    """

    field: str | None = None
    rule: str = ""


class InvalidRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Result of an invalid row that was skipped, in the place of its prediction.

    Attributes:
        errors: The first errors of the row.
        more: Number of further errors.
    """

    errors: list[FieldError]
    more: int = 0


class RequestRows(NamedTuple):
    """Valid rows of a request as columns, and its invalid rows.

    Attributes:
        columns: Values by field name in the order of the request, None where absent; a field without an
            entry is absent in every row.
        size: Number of valid rows.
        invalid: Skipped rows by their position in the request, ascending.
        familiar: Whether every value is known to be one that training saw, and something optional is known.
    """

    columns: RequestColumns
    size: int
    invalid: Mapping[int, InvalidRow] = {}
    familiar: bool = False


def join(parts: Sequence[RequestRows]) -> RequestRows:
    """Concatenates the valid rows of several requests."""
    parts = [part for part in parts if part.size]
    if len(parts) == 1:
        return parts[0]
    names = dict.fromkeys(name for part in parts for name in part.columns)
    columns: RequestColumns = {
        name: [*chain.from_iterable(part.columns.get(name) or (None,) * part.size for part in parts)]
        for name in names
    }
    familiar = all(part.familiar for part in parts)
    return RequestRows(columns, sum(part.size for part in parts), familiar=familiar)


def columns_of(names: Sequence[str], rows: Iterable[Row]) -> RequestColumns:
    """Transposes rows, whose values are in the order of `names`, to columns."""
    return dict(zip(names, zip(*rows, strict=True), strict=False))


class PatternChecker:
    """Checks strings against the patterns of their fields; values that matched before are cached."""

    def __init__(self, fields: Sequence[Field]) -> None:
        patterns = ((position, field.name, value_pattern(field)) for position, field in enumerate(fields))
        self._searches = [
            (position, name, re.compile(pattern).search, set[str]())
            for position, name, pattern in patterns
            if pattern
        ]

    def matches(self, row: Row) -> bool:
        """Returns whether every string of a row matches the pattern of its field."""
        for position, _, search, cached in self._searches:
            value = row[position]
            if value is None or value in cached:
                continue
            if not search(value):
                return False
            if len(cached) >= _CACHED_VALUES:
                cached.clear()
            if len(value) <= _LONGEST_CACHED:
                cached.add(value)
        return True

    def check(self, columns: RequestColumns) -> None:
        """Raises msgspec.ValidationError unless every string matches the pattern of its field."""
        for _, name, search, _ in self._searches:
            for value in set(columns.get(name, ())):
                if value is not None and not search(value):
                    raise msgspec.ValidationError(name)


class RuleChecker:
    """Checks the rules of rows that fields state: bounds of dates, and comparisons of two fields."""

    def __init__(self, fields: Sequence[Field]) -> None:
        names = [field.name for field in fields]
        self._rules = [rule for field in fields for rule in field.row_rules()]
        # Every valid row is checked: a loop for each number of values costs half of a loop for any number.
        self._of_one = [
            (names.index(rule.fields[0]), rule.holds) for rule in self._rules if len(rule.fields) == 1
        ]
        self._of_two = [
            (names.index(rule.fields[0]), names.index(rule.fields[1]), rule.holds)
            for rule in self._rules
            if len(rule.fields) == 2
        ]

    def matches(self, row: Row) -> bool:
        """Returns whether a row keeps every rule; an absent value breaks none."""
        for position, holds in self._of_one:
            value = row[position]
            if value is not None and not holds(value):
                return False
        for position, other, holds in self._of_two:
            value, beside = row[position], row[other]
            if value is not None and beside is not None and not holds(value, beside):
                return False
        return True

    def check(self, columns: RequestColumns) -> None:
        """Raises msgspec.ValidationError unless every row keeps every rule."""
        for rule in self._rules:
            if not columns.keys() >= {*rule.fields}:
                continue
            for values in set(zip(*(columns[name] for name in rule.fields), strict=True)):
                if None not in values and not rule.holds(*values):
                    raise msgspec.ValidationError(rule.fields[0])
