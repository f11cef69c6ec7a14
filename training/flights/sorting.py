"""Sort order and duplicates of flights, the same for every engine."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NumericColumns: TypeAlias = Mapping[str, NDArray[Any]]

NO_NUMBER, NO_TIME = -1, -1
_FLIGHT_KEY = ("flight_date", "carrier", "flight_number", "origin", "destination")
_SORT_KEY = ("flight_date", "scheduled_departure", "carrier", "flight_number", "origin", "destination")
_BITS = 63
_ROWS_AT_ONCE = 500_000
_ROWS_A_PERIOD = 1_000_000
# Periods that are sorted at the same time; each takes a hundred megabytes.
_MOST_THREADS = 2


def sorted_once(
    columns: NumericColumns, *, rows_a_period: int = _ROWS_A_PERIOD
) -> tuple[NDArray[np.intp], int]:
    """Positions of the rows in the order of `sort_positions` without `duplicates`, and the number of these.

    Sorts one period after another, because keys and order of all rows take two gigabytes of five years.

    Args:
        columns: Columns of the flights.
        rows_a_period: Rows that are sorted at once; all rows of a day are.
    """

    def sorted_period(rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], int]:
        part = {name: column[rows] for name, column in columns.items()}
        order = sort_positions(part)
        again = duplicates(part, order)
        return rows[order[~again]], int(again.sum())

    # NumPy sorts without Python's lock.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS)) as threads:
        found = list(threads.map(sorted_period, _periods(columns["flight_date"], rows_a_period)))
    return np.concatenate([order for order, _ in found]), sum(repeated for _, repeated in found)


def _periods(dates: NDArray[Any], most: int) -> Iterator[NDArray[np.intp]]:
    """Yields the rows of consecutive days, about `most` of them at a time, in the order of the days."""
    first = int(dates.min())
    counts = np.zeros(int(dates.max()) - first + 1, dtype=np.int64)
    for start in range(0, len(dates), _ROWS_AT_ONCE):
        counts += np.bincount(dates[start : start + _ROWS_AT_ONCE] - first, minlength=len(counts))
    period = (np.cumsum(counts) - 1) // most
    starts = first + np.flatnonzero(np.diff(period, prepend=-1))
    ends = np.append(starts[1:], first + len(counts))
    for begin, end in zip(starts, ends, strict=True):
        yield np.flatnonzero((dates >= begin) & (dates < end))


def sort_positions(columns: NumericColumns) -> NDArray[np.intp]:
    """Positions of the rows sorted by date, scheduled departure, carrier, number, origin and destination.

    All other columns break ties, else the order of equal rows would depend on the timing of engine threads.
    """
    key = _packed(columns, _SORT_KEY)
    order = np.argsort(key)
    in_turn = key[order]
    equal = in_turn[1:] == in_turn[:-1]
    del in_turn
    tied = np.append(equal, False) | np.append(False, equal)
    if tied.any():
        rows = order[tied]
        rest = [columns[name][rows] for name in sorted(set(columns) - set(_SORT_KEY))]
        order[tied] = rows[np.lexsort([*rest, key[rows]])]
    return order


def duplicates(columns: NumericColumns, order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Tells which rows, in this order, repeat an earlier flight; without flight number none does."""
    key = _packed(columns, _FLIGHT_KEY)
    in_turn = np.sort(key)
    repeated = np.unique(in_turn[1:][in_turn[1:] == in_turn[:-1]])
    again = np.zeros(len(order), dtype=np.bool_)
    if not len(repeated):
        return again
    # Only the rows whose key occurs twice are hashed: a table of all rows takes half a gigabyte a year.
    places = np.flatnonzero(_is_in(repeated, key)[order])
    has_number = columns["flight_number"][order[places]] != NO_NUMBER
    again[places] = pd.Series(key[order[places]]).duplicated().to_numpy() & has_number
    return again


def _is_in(values: NDArray[np.int64], key: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each key is one of the values, which are in ascending order."""
    found = np.empty(len(key), dtype=np.bool_)
    for start in range(0, len(key), _ROWS_AT_ONCE):
        part = key[start : start + _ROWS_AT_ONCE]
        places = np.minimum(np.searchsorted(values, part), len(values) - 1)
        found[start : start + _ROWS_AT_ONCE] = values[places] == part
    return found


def _packed(columns: NumericColumns, names: Sequence[str]) -> NDArray[np.int64]:
    """Packs the columns of a row into one whole number with the same sort order."""
    lowest = {name: int(columns[name].min()) for name in names}
    widths = {name: (int(columns[name].max()) - lowest[name]).bit_length() for name in names}
    if sum(widths.values()) > _BITS:
        return _ranked(columns, names)
    key = np.zeros(len(columns[names[0]]), dtype=np.int64)
    for name in names:
        key <<= widths[name]
        key |= columns[name] - np.int64(lowest[name])
    return key


def _ranked(columns: NumericColumns, names: Sequence[str]) -> NDArray[np.int64]:
    """Ranks the rows instead, more slowly, when the columns have more bits than a whole number."""
    order = np.lexsort([columns[name] for name in reversed(names)])
    differs = np.zeros(len(order), dtype=np.bool_)
    for name in names:
        differs[1:] |= columns[name][order][1:] != columns[name][order][:-1]
    key = np.empty(len(order), dtype=np.int64)
    key[order] = np.cumsum(differs)
    return key
