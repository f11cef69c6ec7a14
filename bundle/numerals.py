"""Numbers that were sent as text, read where their fields allow it."""

from collections.abc import Mapping, Sequence
from types import GenericAlias
from typing import Any

import msgspec

from bundle.field import Field
from bundle.rows import value_type


class Numerals:
    """Reads the numbers of rows that `row_type` decoded; false when no field may send them as text.

    Attributes:
        places: Where in a row the fields stand that may.
    """

    def __init__(self, fields: Sequence[Field]) -> None:
        found = {place: field for place, field in enumerate(fields) if field.from_text}
        kinds = [
            value_type(field) if field.required else value_type(field) | None for field in found.values()
        ]
        self.places = tuple(found)
        self._together: Any = GenericAlias(tuple, tuple(kinds)) if kinds else None
        self._columns: dict[str, Any] = {
            field.name: GenericAlias(list, (kind,)) for field, kind in zip(found.values(), kinds, strict=True)
        }

    def __bool__(self) -> bool:
        return bool(self.places)

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """A row, its values in field order, with numbers for the texts that hold them.

        Raises:
            msgspec.ValidationError: When one holds none, or one that its field does not allow.
        """
        if not self.places:
            return tuple(row)
        values = [*row]
        numbers = _read([values[place] for place in self.places], self._together)
        for place, number in zip(self.places, numbers, strict=True):
            values[place] = number
        return tuple(values)

    def read_columns(self, columns: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
        """The same of many rows, column by column."""
        return {
            name: _read(values, self._columns[name]) if name in self._columns else values
            for name, values in columns.items()
        }


def _read(values: Sequence[Any], kind: Any) -> Sequence[Any]:
    # Not strict: a text that is a number as JSON has them, but also "null", which is no number.
    numbers: Sequence[Any] = msgspec.convert(values, kind, strict=False)
    if numbers.count(None) != values.count(None):
        raise msgspec.ValidationError("null as text is no number")
    return numbers
