"""Type of a column's field, by its cells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Field
from training.data.dataset import CLOCK
from training.errors import counted
from training.tables.columns.cells import INFINITE, LARGEST_EXACT, MISSING_BETWEEN_NUMBERS, Cells
from training.tables.columns.column_names import described
from training.tables.columns.date_texts import date_formats, read_times, time_formats
from training.tables.columns.number_texts import (
    NEARLY_NUMBER,
    NUMBERS_SHARE,
    PLAIN,
    POINT,
    ambiguity,
    are_codes,
    bare,
    is_comma_decimal,
    read_numbers,
    unit_of,
    written_as,
)
from training.tables.columns.string_fields import string_field, with_reason
from training.tables.columns.table_column import TableColumn

MOST_MISSING_TEXTS = 3
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DIGIT = re.compile("[0-9]")
_COMPACT_NAMES = ("date", "day", "datum", "fecha", "jour")


@dataclass(frozen=True, kw_only=True)
class Notation:
    """Notation where the cells of a column do not decide it.

    Attributes:
        comma_decimal: Whether a comma in a number is a decimal one, and a day stands before its month.
    """

    comma_decimal: bool


def may_be_compact_date(name: str) -> bool:
    """Returns true for a column whose name says date or day, so that 20250403 is read as a date."""
    return any(word in name.lower() for word in _COMPACT_NAMES)


def columns_of(name: str, cells: Cells, notation: Notation) -> list[TableColumn]:
    """Returns the column of the name; two of them for points in time within days."""
    if cells.kind == "text":
        return _of_texts(name, cells, notation)
    match cells.kind:
        case "number":
            column = number_column(name, cells.values, cells.absent, is_whole=_is_whole(cells))
            return [_with_infinite(column, cells.infinite)]
        case "boolean":
            return [_boolean(name, cells)]
        case "moment":
            return [*_moments(name, cells.values, written="", notes=())]
        case "clock":
            return [_clock(name, cells.values, written="", notes=())]
    # Nothing of a field: left out by its caller.
    return [TableColumn(field=Field(name=name, type="string", required=False, example="text"), name=name)]


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
    compact = may_be_compact_date(name)
    # Most columns of a wide table are plain numbers, which no format of dates has to be tried on.
    is_plain = not compact and all(map(_PLAIN_NUMBER.fullmatch, cells.texts.iloc[:50]))
    if is_plain and (column := _number_texts(name, cells, notation)):
        return [_with_infinite(column, infinite)]
    if times := time_formats(cells.texts):
        return [_clock(name, _minutes(cells, times.written), written=times.written, notes=())]
    if dates := _dates(name, cells, notation, compact=compact):
        return dates
    if column := _number_texts(name, cells, notation):
        return [_with_infinite(column, infinite)]
    return _dates(name, cells, notation, compact=compact, spare=MOST_MISSING_TEXTS)


def _dates(
    name: str, cells: Cells, notation: Notation, *, compact: bool, spare: int = 0
) -> list[TableColumn]:
    """Returns the columns of dates, between which a few texts may be none; no column for other cells."""
    dates = date_formats(cells.texts, day_first=notation.comma_decimal, compact=compact, spare=spare)
    if dates is None:
        return []
    found = read_times(cells.texts, dates.written)
    others, counts = np.isnat(found), cells.counts()
    if counts[~others].sum() < NUMBERS_SHARE * counts.sum():
        return []
    missing = tuple(cells.texts[others])
    notes = (
        *_date_notes(name, dates.written, is_guess=dates.is_guess),
        *(f"{text!r} of the column {name!r} counts as absent." for text in missing),
    )
    moments = _spread(cells, found, np.datetime64("NaT", "us"))
    columns = _moments(name, moments, written=dates.written, notes=notes)
    return [replace(column, missing=missing) for column in columns]


def _with_infinite(column: TableColumn, count: int) -> TableColumn:
    if not count:
        return column
    count_as = "counts" if count == 1 else "count"
    note = f"{counted(count, 'infinite number')} of the column {column.name!r} {count_as} as absent."
    return replace(column, notes=(*column.notes, note))


def _number_texts(name: str, cells: Cells, notation: Notation) -> TableColumn | None:
    texts = bare(cells.texts)
    written = written_as(texts, comma_decimal=notation.comma_decimal)
    if are_codes(texts):
        return None
    numbers = read_numbers(texts, written)
    others = np.isnan(numbers)
    counts = cells.counts()
    share = counts[~others].sum() / counts.sum()
    if (
        others.sum() > MOST_MISSING_TEXTS
        or share < NUMBERS_SHARE
        or np.nanmax(np.abs(numbers)) > LARGEST_EXACT
    ):
        return None
    if ambiguity(cells.texts[~others | texts.str.fullmatch(NEARLY_NUMBER).to_numpy(dtype=bool)]):
        return None
    missing = tuple(cells.texts[others])
    notes = [f"{text!r} of the column {name!r} counts as absent." for text in missing]
    if written != PLAIN and is_comma_decimal(texts) is None and texts.str.contains(",", regex=False).any():
        kind = "thousands" if written == POINT else "decimals"
        notes.append(f"The comma in numbers of the column {name!r} is taken to separate {kind}.")
    elif written != PLAIN or not texts.equals(cells.texts):
        example = cells.texts[~others].iloc[0]
        notes.append(f"The API takes the column {name!r} as JSON numbers, not as texts such as {example!r}.")
    values = _spread(cells, numbers, np.nan)
    has_points = texts[~others].str.contains("." if written != "1.234,5" else ",", regex=False).any()
    is_whole = bool((numbers[~others] == np.floor(numbers[~others])).all())
    is_whole = is_whole and (not has_points or bool(np.isnan(values).any()))
    return number_column(
        name,
        values,
        np.isnan(values),
        is_whole=is_whole,
        unit=unit_of(cells.texts[~others]),
        written=written,
        missing=missing,
        notes=tuple(notes),
    )


def number_column(
    name: str,
    values: NDArray[np.float64],
    absent: NDArray[np.bool_],
    *,
    is_whole: bool,
    unit: str = "",
    written: str = PLAIN,
    missing: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> TableColumn:
    """Returns a column of numbers.

    Its limits are natural ones only: 0 where no number is negative, 1 where all are 0 or 1, 100 for percents.
    The extremes of the rows are no limits, because the next row may pass them; answers warn about that.
    """
    known = values[~absent]
    # A partition is a fraction of the time of sorting, which a wide table would spend on each column.
    middle = float(np.partition(known, len(known) // 2)[len(known) // 2])
    least, most = known.min(), known.max()
    maximum = 1 if is_whole and (least, most) == (0, 1) else None
    maximum = 100 if unit == "%" and least >= 0 and most <= 100 else maximum
    field = Field(
        name=name,
        type="integer" if is_whole else "number",
        required=not absent.any(),
        minimum=0 if least >= 0 else None,
        maximum=maximum,
        unit=unit,
        description=described(name),
        example=int(middle) if is_whole else middle,
    )
    return TableColumn(field=field, name=name, written=written, missing=missing, notes=notes)


def _is_whole(cells: Cells) -> bool:
    """Whether numbers are integers; pandas keeps integers with gaps as floats."""
    if cells.is_whole:
        return True
    known = cells.values[~cells.absent]
    return bool(cells.absent.any() and (known == np.floor(known)).all())


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


def _moments(
    name: str, values: NDArray[np.datetime64], *, written: str, notes: tuple[str, ...]
) -> Iterator[TableColumn]:
    """Yields the column of the days, and that of the times of day if there are any."""
    known = np.sort(values[~np.isnat(values)])
    days = known.astype("datetime64[D]")
    # A day before 1900 is more often a mistake than a day, unless the rows have some.
    earliest = (
        np.datetime64("1900-01-01") if days[0] >= np.datetime64("1900-01-01") else np.datetime64("1000-01-01")
    )
    field = Field(
        name=name,
        type="date",
        required=len(known) == len(values),
        earliest=str(earliest),
        description=described(name),
        example=str(days[len(days) // 2]),
    )
    yield TableColumn(field=field, name=name, written=written, notes=notes)
    if (known != days).any():
        found = _minutes_of(values)
        note = f"The column {name!r} has points in time: it becomes a date and a time, {name + ' time'!r}."
        column = _clock(f"{name} time", found, written=written, notes=(note,))
        yield TableColumn(field=column.field, name=name, written=written, notes=column.notes)


def _clock(name: str, minutes: NDArray[np.float64], *, written: str, notes: tuple[str, ...]) -> TableColumn:
    known = np.sort(minutes[~np.isnan(minutes)])
    field = Field(
        name=name,
        type="time",
        required=len(known) == len(minutes),
        description=described(name),
        example=str(CLOCK[int(known[len(known) // 2])]),
    )
    return TableColumn(field=field, name=name, written=written, notes=notes)


def _minutes(cells: Cells, written: str) -> NDArray[np.float64]:
    return _minutes_of(_spread(cells, read_times(cells.texts, written), np.datetime64("NaT", "us")))


def _minutes_of(moments: NDArray[np.datetime64]) -> NDArray[np.float64]:
    minutes: NDArray[np.float64] = (
        (moments - moments.astype("datetime64[D]")).astype("timedelta64[m]").astype(float)
    )
    minutes[np.isnat(moments)] = np.nan
    return minutes


def _spread(cells: Cells, values: NDArray[Any], absent: Any) -> NDArray[Any]:
    """Copies the value of each text to its rows."""
    return np.append(values, absent)[cells.codes]


def _date_notes(name: str, written: str, *, is_guess: bool) -> tuple[str, ...]:
    if is_guess:
        order = "day before month" if written.startswith("%d") else "month before day"
        return (f"Dates of the column {name!r} are read with the {order}: no day after the 12th decides it.",)
    several = written.count("|")
    return (f"The column {name!r} has dates in {several + 1} formats: {written}.",) if several else ()
