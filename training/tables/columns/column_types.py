"""Type of a column's field, by its cells."""

import re
from dataclasses import dataclass, replace

import numpy as np

from bundle import Field
from training.tables.columns.cells import INFINITE, MISSING_BETWEEN_NUMBERS, Cells, numbers_as_texts
from training.tables.columns.column_names import described
from training.tables.columns.number_fields import (
    MOST_MISSING_TEXTS,
    are_whole,
    number_column,
    number_texts_column,
    with_infinite,
)
from training.tables.columns.string_fields import string_field, with_reason
from training.tables.columns.table_column import TableColumn
from training.tables.columns.time_fields import (
    clock_column,
    date_texts_columns,
    may_be_compact_date,
    numbered_time_columns,
    time_texts_column,
    typed_moment_columns,
)
from training.tables.notations.date_texts import time_formats
from training.tables.notations.numbered_times import NumberedTimes, numbered_times

_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DIGIT = re.compile("[0-9]")


@dataclass(frozen=True, kw_only=True)
class Notation:
    """Notation where the cells of a column do not decide it.

    Attributes:
        comma_decimal: Whether a comma in a number is a decimal one, and a day stands before its month.
    """

    comma_decimal: bool


def columns_of(name: str, cells: Cells, notation: Notation) -> list[TableColumn]:
    """Returns the column of the name; two of them for points in time within days."""
    if cells.kind == "text":
        return _of_texts(name, cells, notation)
    match cells.kind:
        case "number":
            return _of_numbers(name, cells)
        case "boolean":
            return [_boolean(name, cells)]
        case "moment":
            return typed_moment_columns(name, cells.values)
        case "clock":
            return [clock_column(name, cells.values)]
    # Nothing of a field: left out by its caller.
    return [TableColumn(field=Field(name=name, type="string", required=False, example="text"), name=name)]


def _of_numbers(name: str, cells: Cells) -> list[TableColumn]:
    found = numbered_times(name, cells.values[~cells.absent])
    if found and found.is_certain:
        return numbered_time_columns(name, numbers_as_texts(cells), found)
    column = number_column(name, cells.values, cells.absent, is_whole=are_whole(cells))
    return [_with_form(with_infinite(column, cells.infinite), found)]


def _with_form(column: TableColumn, found: NumberedTimes | None) -> TableColumn:
    """Adds the note of a column of numbers that may be points in time."""
    if found is None:
        return column
    note = (
        f"The column {column.name!r} is read as numbers, which could be {found.meaning}: if so, give its "
        f'field type = "date", written = "{found.written}" and example = "2024-01-31", without a minimum, in '
        "the file of the fields."
    )
    return replace(column, notes=(*column.notes, note))


def _of_texts(name: str, cells: Cells, notation: Notation) -> list[TableColumn]:
    if {*cells.texts.str.lower()} <= {"true", "false"}:
        return [_boolean(name, cells)]
    if not any(map(_DIGIT.search, cells.texts)) and not cells.texts.isin(INFINITE).any():
        # Numbers, dates and times have digits.
        return [string_field(name, cells)]
    between = cells.without((*MISSING_BETWEEN_NUMBERS, *INFINITE))
    if between.kind == "text":
        infinite = int(cells.counts()[cells.texts.isin(INFINITE).to_numpy()].sum())
        if found := _of_digits(name, between, notation, infinite):
            return found
    return [with_reason(string_field(name, cells), between)]


def _of_digits(name: str, cells: Cells, notation: Notation, infinite: int) -> list[TableColumn]:
    """Returns the columns of numbers, dates or times; none for other texts."""
    found = None
    if all(map(_PLAIN_NUMBER.fullmatch, cells.texts)):
        found = numbered_times(name, cells.texts.to_numpy(dtype=np.float64))
    if found and found.is_certain:
        return numbered_time_columns(name, cells, found)
    compact = may_be_compact_date(name)
    # Most columns of a wide table are plain numbers, which no format of dates has to be tried on.
    is_plain = not compact and all(map(_PLAIN_NUMBER.fullmatch, cells.texts.iloc[:50]))
    comma = notation.comma_decimal
    if is_plain and (column := number_texts_column(name, cells, comma_decimal=comma, infinite=infinite)):
        return [_with_form(column, found)]
    if times := time_formats(cells.texts):
        return [time_texts_column(name, cells, times.written)]
    if dates := date_texts_columns(name, cells, day_first=comma, compact=compact):
        return dates
    if column := number_texts_column(name, cells, comma_decimal=comma, infinite=infinite):
        return [column]
    return date_texts_columns(name, cells, day_first=comma, compact=compact, spare=MOST_MISSING_TEXTS)


def _boolean(name: str, cells: Cells) -> TableColumn:
    known = cells.texts.str.lower().eq("true").to_numpy() if cells.kind == "text" else np.array([True])
    field = Field(
        name=name,
        type="boolean",
        required=not cells.absent.any(),
        description=described(name),
        example=bool(known[0]),
    )
    return TableColumn(field=field, name=name)
