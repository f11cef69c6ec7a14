"""Clean rows gathered batch by batch, and the dataset they make."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bundle import Field
from training.data.dataset import Dataset, Values
from training.flights.cleaning import REASONS, USABLE
from training.flights.codes import Codes
from training.flights.order import NO_NUMBER, in_order, repeated

CODES = ("carrier", "origin", "destination")
TIMES = ("scheduled_departure", "scheduled_arrival")
NO_TIME = -1
CLOCK = pd.Index([f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(24 * 60)], dtype=object)
WITHOUT_CODE = "without a carrier, origin or destination of the usual form"
REPEATED = "repeated (same date, carrier, number, origin and destination)"

# Whole miles and minutes, exact in half the memory; what is measured has digits to keep.
_PLAIN: dict[str, Callable[[pa.Array], NDArray[Any]]] = {
    "flight_date": lambda column: _numpy(column.cast(pa.int32())),
    "scheduled_departure": lambda column: _numpy(column.fill_null(NO_TIME)),
    "scheduled_arrival": lambda column: _numpy(column.fill_null(NO_TIME)),
    "flight_number": lambda column: _numpy(column.fill_null(NO_NUMBER)),
    "distance": lambda column: _floats(column).astype(np.float32),
    "departure_delay": lambda column: _floats(column).astype(np.float32),
    "delayed": lambda column: _numpy(column),
}


class Rows:
    """Usable flights in compact columns, and how many were not usable, by reason."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        self._dropped: Counter[str] = Counter()
        self._codes = {name: Codes(fields[name].pattern) for name in CODES}
        self._parts: dict[str, list[NDArray[Any]]] = {}

    def add(self, batch: pa.RecordBatch) -> int:
        """Takes in a batch of cleaned rows, and says how many of them are usable."""
        reasons = np.bincount(batch.column("reason"), minlength=len(REASONS) + 1)
        self._drop(zip(REASONS, reasons[1:].tolist(), strict=True))
        usable = batch.filter(pc.equal(batch.column("reason"), USABLE))
        names = [name for name in usable.schema.names if name != "reason"]
        columns = {name: self._values(name, usable.column(name)) for name in names}
        has_codes = np.logical_and.reduce([columns[name] >= 0 for name in CODES])
        self._drop([(WITHOUT_CODE, int((~has_codes).sum()))])
        for name, values in columns.items():
            self._parts.setdefault(name, []).append(values[has_codes])
        return int(has_codes.sum())

    def dataset(self, name: str) -> Dataset:
        """The rows in their order, each flight once, without the columns that hold nothing."""
        columns = {column: np.concatenate(self._parts.pop(column)) for column in list(self._parts)}
        alphabets = {}
        for column in CODES:
            columns[column], alphabets[column] = self._codes[column].sorted(columns[column])
        order = in_order(columns)
        again = repeated(columns, order)
        self._drop([(REPEATED, int(again.sum()))])
        order = order[~again]
        # One after the other, so that no more than one is there twice.
        for column in columns:
            columns[column] = columns[column][order]
        dates = columns["flight_date"].astype("datetime64[D]")
        values = {field: _field(field, columns, alphabets, dates) for field in self._fields}
        return Dataset(
            name=name,
            columns={field: found for field, found in values.items() if found is not None},
            target=columns["delayed"].astype(np.int64),
            dates=dates,
            dropped=dict(self._dropped),
        )

    def _drop(self, counts: Any) -> None:
        self._dropped.update({reason: count for reason, count in counts if count})

    def _values(self, name: str, column: pa.Array) -> NDArray[Any]:
        if name in self._codes:
            return self._codes[name].numbered(column)
        return _PLAIN[name](column) if name in _PLAIN else _floats(column)


def _field(
    name: str,
    columns: Mapping[str, NDArray[Any]],
    alphabets: Mapping[str, pd.Index],
    dates: NDArray[np.datetime64],
) -> Values | None:
    """The values of a field, None when no row has one."""
    if name == "flight_date":
        return dates
    values = columns.get(name)
    if values is None:
        return None
    if name in CODES or name in TIMES:
        is_known = values >= 0
        values = pd.Categorical.from_codes(values, alphabets.get(name, CLOCK))
    else:
        is_known = ~np.isnan(values)
    return values if is_known.any() else None


def _floats(column: pa.Array) -> NDArray[np.float64]:
    return _numpy(column.fill_null(np.nan))


def _numpy(column: pa.Array) -> NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False))
