"""Fields of columns of dates, of times of day, and of points in time."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bundle import Field
from training.data.dataset import CLOCK
from training.tables.columns.cells import Cells
from training.tables.columns.column_names import described
from training.tables.columns.table_column import TableColumn
from training.tables.notations.date_texts import date_formats, read_times
from training.tables.notations.number_texts import NUMBERS_SHARE
from training.tables.notations.numbered_times import COMPACT_CLOCK, NumberedTimes
from training.tables.notations.placeholder_days import are_placeholders

_COMPACT_NAMES = ("date", "day", "datum", "fecha", "jour")


def may_be_compact_date(name: str) -> bool:
    """Returns true for a column whose name says date or day, so that 20250403 is read as a date."""
    return any(word in name.lower() for word in _COMPACT_NAMES)


def date_texts_columns(
    name: str, cells: Cells, *, day_first: bool, compact: bool, spare: int = 0
) -> list[TableColumn]:
    """Returns the columns of texts that are dates; none for other cells.

    Args:
        name: Name of the column.
        cells: Its cells.
        day_first: Whether a day stands before its month where the cells do not decide it.
        compact: Whether eight digits may be a date.
        spare: Number of texts that may be no dates.
    """
    dates = date_formats(cells.texts, day_first=day_first, compact=compact, spare=spare)
    if dates is None:
        return []
    found = read_times(cells.texts, dates.written)
    others, counts = np.isnat(found), cells.counts()
    if counts[~others].sum() < NUMBERS_SHARE * counts.sum():
        return []
    placeholders = are_placeholders(found)
    missing = (*cells.texts[others], *cells.texts[placeholders])
    notes = (
        *_date_notes(name, dates.written, is_guess=dates.is_guess),
        *(f"{text!r} of the column {name!r} counts as absent." for text in cells.texts[others]),
        *(_placeholder_note(name, text) for text in cells.texts[placeholders]),
    )
    found[placeholders] = np.datetime64("NaT")
    moments = cells.spread(found, np.datetime64("NaT", "us"))
    columns = moment_columns(name, moments, written=dates.written, notes=notes)
    return [replace(column, missing=missing) for column in columns]


def typed_moment_columns(name: str, values: NDArray[np.datetime64]) -> list[TableColumn]:
    """Returns the columns of points in time, NaT where absent; days that stand for none are absent too."""
    placeholders = are_placeholders(values)
    texts = tuple(str(day).replace("T00:00:00.000000", "") for day in np.unique(values[placeholders]))
    notes = tuple(_placeholder_note(name, text) for text in texts)
    known = np.where(placeholders, np.datetime64("NaT"), values)
    return [replace(column, missing=texts) for column in moment_columns(name, known, notes=notes)]


def numbered_time_columns(name: str, cells: Cells, found: NumberedTimes) -> list[TableColumn]:
    """Returns the columns of texts of numbers that are days or times.

    Args:
        name: Name of the column.
        cells: Its cells, as texts.
        found: What its numbers are.
    """
    times = read_times(cells.texts, found.written)
    is_clock = found.written == COMPACT_CLOCK
    are_none = np.isnat(times) | np.isin(cells.texts.to_numpy(dtype=np.float64), found.missing)
    are_none |= are_placeholders(times) & (not is_clock)
    kind, shown = ("a time", "times such as 17:45") if is_clock else ("a date", "days such as 2024-01-31")
    notes = (
        f"The column {name!r} has {found.meaning}: it becomes {kind}, and the API takes {shown}.",
        *(_placeholder_note(name, text) for text in cells.texts[are_none]),
    )
    missing = tuple(cells.texts[are_none])
    times[are_none] = np.datetime64("NaT")
    moments = cells.spread(times, np.datetime64("NaT", "us"))
    columns = (
        [clock_column(name, _minutes_of(moments), written=found.written, notes=notes)]
        if is_clock
        else moment_columns(name, moments, written=found.written, notes=notes)
    )
    return [replace(column, missing=missing) for column in columns]


def moment_columns(
    name: str, values: NDArray[np.datetime64], *, written: str = "", notes: tuple[str, ...] = ()
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
        column = clock_column(f"{name} time", found, written=written, notes=(note,))
        yield TableColumn(field=column.field, name=name, written=written, notes=column.notes)


def clock_column(
    name: str, minutes: NDArray[np.float64], *, written: str = "", notes: tuple[str, ...] = ()
) -> TableColumn:
    """Returns the column of times of day, which are minutes since midnight, NaN where absent."""
    known = np.sort(minutes[~np.isnan(minutes)])
    field = Field(
        name=name,
        type="time",
        required=len(known) == len(minutes),
        description=described(name),
        example=str(CLOCK[int(known[len(known) // 2])]),
    )
    return TableColumn(field=field, name=name, written=written, notes=notes)


def time_texts_column(name: str, cells: Cells, written: str) -> TableColumn:
    """Returns the column of texts that are times of day in a notation."""
    moments = cells.spread(read_times(cells.texts, written), np.datetime64("NaT", "us"))
    return clock_column(name, _minutes_of(moments), written=written)


def _minutes_of(moments: NDArray[np.datetime64]) -> NDArray[np.float64]:
    minutes: NDArray[np.float64] = (
        (moments - moments.astype("datetime64[D]")).astype("timedelta64[m]").astype(float)
    )
    minutes[np.isnat(moments)] = np.nan
    return minutes


def _placeholder_note(name: str, text: str) -> str:
    return f"{text!r} of the column {name!r} stands for no day, and counts as absent."


def _date_notes(name: str, written: str, *, is_guess: bool) -> Iterator[str]:
    several = written.count("|")
    if is_guess:
        order = "day before month" if written.startswith("%d") else "month before day"
        yield f"Dates of the column {name!r} are read with the {order}: no day after the 12th decides it."
    elif several:
        yield f"The column {name!r} has dates in {several + 1} formats: {written}."
    if "%y" in written:
        yield (
            f"Years of two digits in the column {name!r} are read as 1969 to 2068: write those of other "
            "centuries with four digits."
        )
