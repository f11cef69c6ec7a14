"""Column of a table: its field, and how its cells are written."""

from dataclasses import dataclass, replace
from typing import Self

from bundle import Field


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """A column of a table, and the field that it becomes.

    A column of points in time becomes two of these: one of the day, one of the time of day.

    Attributes:
        field: The field.
        name: Name of the column in the table.
        written: How the cells are written: formats of `strptime` joined by "|" for dates and times,
            "1,234.5" or "1.234,5" for numbers with a comma; "" for the plain form of the type.
        missing: Texts of the column that count as absent, beyond the empty one and "NA".
        left_out: Why the column is no field of the model; "" for a field.
        notes: What the inference assumed, as sentences.
    """

    field: Field
    name: str
    written: str = ""
    missing: tuple[str, ...] = ()
    left_out: str = ""
    notes: tuple[str, ...] = ()

    def without(self, reason: str) -> Self:
        """Copies the column as one that is left out for that reason."""
        return replace(self, left_out=reason)
