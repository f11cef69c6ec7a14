"""Fields inferred from the columns of a table: types, ranges, known values, what is optional or left out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from bundle import Field
from training.tables.columns.cells import Cells, cells_of
from training.tables.columns.column_names import field_names
from training.tables.columns.column_types import Notation, columns_of
from training.tables.columns.exclusions import Exclusions, is_absent_everywhere
from training.tables.columns.string_fields import with_json, with_spellings
from training.tables.columns.table_column import TableColumn
from training.tables.notations.number_texts import NEARLY_NUMBER, NUMBERS_SHARE, bare, is_comma_decimal


@dataclass(frozen=True, kw_only=True)
class Inference:
    """The columns of a table, as fields or left out.

    Attributes:
        columns: The columns in the order of the table.
    """

    columns: tuple[TableColumn, ...]

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields of the model."""
        return tuple(column.field for column in self.columns if not column.left_out)

    @property
    def notes(self) -> tuple[str, ...]:
        """Assumptions and columns left out, one sentence each."""
        found: list[str] = []
        for column in self.columns:
            found += [column.left_out] if column.left_out else column.notes
        return tuple(found)


def infer(table: Mapping[str, Any], *, comma_decimal: bool | None = None) -> Inference:
    """Infers the field of each column of a table.

    Args:
        table: Values by name of the column: Series, arrays or lists of one length. Texts are read as people
            write numbers, dates and times.
        comma_decimal: Whether a comma between digits is a decimal one, and 3/4/2025 in April, where the texts
            do not decide it; None for what the other columns show.
    """
    cells = {name: cells_of(values) for name, values in table.items()}
    if comma_decimal is None:
        comma_decimal = has_decimal_commas(cells)
    notation = Notation(comma_decimal=comma_decimal)
    exclusions = Exclusions()
    found: list[TableColumn] = []
    for name, values in cells.items():
        if reason := is_absent_everywhere(name, values):
            empty = Field(name=name, type="string", required=False, example="text")
            found.append(TableColumn(field=empty, name=name, left_out=reason))
            continue
        columns = [exclusions.applied(column, values) for column in columns_of(name, values, notation)]
        found += [with_json(with_spellings(column, values), values) for column in columns]
    # A column that is left out must not take the name of a field.
    order = sorted(range(len(found)), key=lambda position: bool(found[position].left_out))
    named = field_names([found[position].field for position in order])
    names = dict(zip(order, named, strict=True))
    return Inference(
        columns=tuple(
            replace(column, field=_renamed(column.field, names[position]))
            for position, column in enumerate(found)
        )
    )


def has_decimal_commas(cells: Mapping[str, Cells]) -> bool:
    """Whether some column of texts has commas that can only be decimal ones."""
    return any(
        is_comma_decimal(texts) is True
        for values in cells.values()
        if values.kind == "text"
        for texts in (bare(values.texts.iloc[:1000]),)
        if any("," in text for text in texts) and texts.str.fullmatch(NEARLY_NUMBER).mean() > NUMBERS_SHARE
    )


def _renamed(field: Field, name: str) -> Field:
    return field if field.name == name else msgspec.structs.replace(field, name=name)
