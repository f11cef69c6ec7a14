"""One order of flights, whatever the engine that gave them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Columns: TypeAlias = Mapping[str, NDArray[Any]]

NO_NUMBER = -1
_KEY = ("flight_date", "carrier", "flight_number", "origin", "destination")
_ORDER = ("flight_date", "scheduled_departure", "carrier", "flight_number", "origin", "destination")
_BITS = 63


def in_order(columns: Columns) -> NDArray[np.intp]:
    """Positions by date, scheduled departure, carrier, number, origin and destination, then all the rest.

    Without the rest, flights alike so far would stand as an engine's threads happened to finish.
    """
    key = _packed(columns, _ORDER)
    order = np.argsort(key)
    alike = key[order][1:] == key[order][:-1]
    tied = np.append(alike, False) | np.append(False, alike)
    if tied.any():
        rows = order[tied]
        rest = [columns[name][rows] for name in sorted(set(columns) - set(_ORDER))]
        order[tied] = rows[np.lexsort([*rest, key[rows]])]
    return order


def repeated(columns: Columns, order: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which rows, in this order, name a flight that an earlier row named; a flight is known by its number."""
    key = _packed(columns, _KEY)
    in_turn = np.sort(key)
    if not (in_turn[1:] == in_turn[:-1]).any():
        return np.zeros(len(order), dtype=np.bool_)
    has_number = columns["flight_number"][order] != NO_NUMBER
    again = pd.Series(key[order]).duplicated().to_numpy()
    return np.asarray(again & has_number)


def _packed(columns: Columns, names: Sequence[str]) -> NDArray[np.int64]:
    """One whole number a row that sorts as these columns do one after the other."""
    lowest = {name: int(columns[name].min()) for name in names}
    widths = {name: (int(columns[name].max()) - lowest[name]).bit_length() for name in names}
    if sum(widths.values()) > _BITS:
        return _ranked(columns, names)
    key = np.zeros(len(columns[names[0]]), dtype=np.int64)
    for name in names:
        key <<= widths[name]
        key |= columns[name] - np.int64(lowest[name])
    return key


def _ranked(columns: Columns, names: Sequence[str]) -> NDArray[np.int64]:
    """The same for columns too wide to be packed, in more time."""
    order = np.lexsort([columns[name] for name in reversed(names)])
    differs = np.zeros(len(order), dtype=np.bool_)
    for name in names:
        differs[1:] |= columns[name][order][1:] != columns[name][order][:-1]
    key = np.empty(len(order), dtype=np.int64)
    key[order] = np.cumsum(differs)
    return key
