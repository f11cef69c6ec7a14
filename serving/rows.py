"""The rows of a request, as the model takes them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from bundle import Field
from bundle.rows import value_pattern

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


def columns_of(names: Sequence[str], rows: Iterable[Row]) -> Columns:
    """Rows, their values in the order of the names, turned."""
    return dict(zip(names, zip(*rows, strict=True), strict=False))


class Patterns:
    """The patterns of a model's strings, held against columns: a value that comes often is looked at once."""

    def __init__(self, fields: Sequence[Field]) -> None:
        patterns = ((field.name, value_pattern(field)) for field in fields)
        self._searches = [(name, re.compile(pattern).search) for name, pattern in patterns if pattern]

    def check(self, columns: Columns) -> None:
        """Raises msgspec's ValidationError unless every string matches its field's pattern."""
        for name, search in self._searches:
            for value in set(columns.get(name, ())):
                if value is not None and not search(value):
                    raise msgspec.ValidationError(name)
