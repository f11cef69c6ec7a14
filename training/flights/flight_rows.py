"""Usable flights collected batch by batch, and their dataset."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bundle import Field
from training.data.dataset import CLOCK, ColumnValues, Dataset
from training.flights.cleaning import READ_COLUMNS, REASONS, USABLE
from training.flights.inbound.inbound_delay import inbound_delays
from training.flights.inbound.legs import NOWHERE, LegCollector
from training.flights.request_fields import CODE_FIELDS, INBOUND_DELAY, TIME_FIELDS
from training.flights.sorting import NO_NUMBER, NO_TIME, sorted_once
from training.progress import return_freed_memory

TAIL_NUMBER = "tail_number"

NO_CODE = -1
# A file with a larger share of texts that cannot be read is refused, from more than so many of them.
MOST_UNREADABLE, FEW_UNREADABLE = 0.1, 10
WITHOUT_CODE = "without a carrier, origin or destination of the usual form"
REPEATED = "repeated (same date, carrier, number, origin and destination)"

# Whole miles and minutes are exact in float32; weather measurements have more digits.
_CONVERSIONS: dict[str, Callable[[pa.Array], NDArray[Any]]] = {
    "flight_date": lambda column: _numpy(column.cast(pa.int32())),
    "scheduled_departure": lambda column: _numpy(column.fill_null(NO_TIME)),
    "scheduled_arrival": lambda column: _numpy(column.fill_null(NO_TIME)),
    "flight_number": lambda column: _numpy(column.fill_null(NO_NUMBER)),
    "distance": lambda column: _floats(column).astype(np.float32),
    "departure_delay": lambda column: _floats(column).astype(np.float32),
    "delayed": lambda column: _numpy(column),
    "arrival_delay": lambda column: _floats(column).astype(np.float32),
}


class FlightRows:
    """Collects usable flights in compact columns and counts the others by reason.

    Args:
        fields: The model's fields by name; their patterns say which carriers and airports are usable.
    """

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self._fields = fields
        self._dropped: Counter[str] = Counter()
        self._codes = {name: _CodeColumn(fields[name].pattern) for name in CODE_FIELDS}
        self._parts: dict[str, list[NDArray[Any]]] = {}
        self._legs: LegCollector | None = None
        self._rows = 0

    @property
    def has_legs(self) -> bool:
        """Whether a file that was read has a column of tail numbers."""
        return self._legs is not None

    def add(self, batch: pa.RecordBatch, file: "FileCounts") -> None:
        """Collects a batch of cleaned rows of a file, and counts them in its counts too."""
        reasons = np.bincount(batch.column("reason"), minlength=len(REASONS) + 1)
        counts = dict(zip(REASONS, reasons[1:].tolist(), strict=True))
        is_usable = pc.equal(batch.column("reason"), USABLE)
        usable = batch.filter(is_usable)
        encoded = {name: usable.column(name).dictionary_encode() for name in CODE_FIELDS}
        has_codes = np.logical_and.reduce([self._codes[name].matches(encoded[name]) for name in CODE_FIELDS])
        counts[WITHOUT_CODE] = int((~has_codes).sum())
        self._drop(counts.items())
        file.add(batch, counts)
        if counts[WITHOUT_CODE] and not file.wrong_codes:
            row = int(np.argmin(has_codes))
            file.wrong_codes = [str(usable.column(name)[row]) for name in CODE_FIELDS]
        for name, codes in encoded.items():
            self._codes[name].add(codes, has_codes)
        for name in usable.schema.names:
            if name not in ("reason", "unreadable", TAIL_NUMBER) and name not in encoded:
                column = usable.column(name)
                values = _CONVERSIONS[name](column) if name in _CONVERSIONS else _floats(column)
                self._parts.setdefault(name, []).append(values[has_codes])
        if TAIL_NUMBER in batch.schema.names:
            self._add_legs(batch, np.flatnonzero(is_usable)[has_codes])
        self._rows += int(has_codes.sum())

    def dataset(self, name: str) -> Dataset:
        """Builds the dataset: rows sorted, each flight once, columns without any value left out."""
        columns = {column: np.concatenate(self._parts.pop(column)) for column in list(self._parts)}
        alphabets = {}
        for column in CODE_FIELDS:
            columns[column], alphabets[column] = self._codes[column].encoded()
        if self._legs:
            columns |= self._inbound(self._legs)
        return_freed_memory()
        order, repeated = sorted_once(columns)
        return_freed_memory()
        self._drop([(REPEATED, repeated)])
        # One column at a time, so that only one is in memory twice.
        for column in columns:
            columns[column] = columns[column][order]
        dates = columns["flight_date"].astype("datetime64[D]")
        values = {field: _field_values(field, columns, alphabets, dates) for field in self._fields}
        return Dataset(
            name=name,
            columns={field: found for field, found in values.items() if found is not None},
            target=columns["delayed"],
            numeric_target=columns["arrival_delay"],
            dates=dates,
            dropped=dict(self._dropped),
        )

    def _add_legs(self, batch: pa.RecordBatch, rows: NDArray[np.intp]) -> None:
        place = np.full(len(batch), NOWHERE, dtype=np.int32)
        place[rows] = self._rows + np.arange(len(rows))
        self._legs = self._legs or LegCollector()
        self._legs.add(batch, place)

    def _inbound(self, legs: LegCollector) -> dict[str, NDArray[Any]]:
        [name] = INBOUND_DELAY
        return {name: inbound_delays(legs.legs(), self._fields[name], self._rows)}

    def _drop(self, counts: Any) -> None:
        self._dropped.update({reason: count for reason, count in counts if count})


class FileCounts:
    """Counts the rows of one file, those dropped by reason, and unreadable texts by column."""

    def __init__(self) -> None:
        self.rows = 0
        self.dropped: Counter[str] = Counter()
        self.unreadable: Counter[str] = Counter()
        self.wrong_codes: list[str] = []

    def add(self, batch: pa.RecordBatch, dropped: Mapping[str, int]) -> None:
        """Counts a batch of cleaned rows."""
        self.rows += len(batch)
        self.dropped.update({reason: count for reason, count in dropped.items() if count})
        bits = _numpy(batch.column("unreadable"))
        for bit, name in enumerate(READ_COLUMNS):
            self.unreadable[name] += int(np.count_nonzero(bits >> bit & 1))

    @property
    def usable(self) -> int:
        """Number of usable flights."""
        return self.rows - self.dropped.total()

    def mostly_unreadable(self) -> str:
        """Returns a column with too many texts that cannot be read, "" if there is none."""
        return next((name for name in READ_COLUMNS if self.is_much(self.unreadable[name])), "")

    def is_much(self, count: int) -> bool:
        """Whether so many rows that cannot be read are too many for this file."""
        return count > max(self.rows * MOST_UNREADABLE, FEW_UNREADABLE)

    def described(self) -> str:
        """Returns the reasons of the dropped rows for a message, the most frequent first."""
        reasons = [f"{count:,} {reason}" for reason, count in self.dropped.most_common()]
        return f": of {self.rows:,} rows, {', '.join(reasons)}" if reasons else ": it has no rows"


class _CodeColumn:
    """A column of carrier or airport codes, dictionary-encoded by Arrow batch by batch.

    Args:
        pattern: Regular expression of a code; other texts are none.
    """

    def __init__(self, pattern: str | None) -> None:
        self._pattern = re.compile(pattern or "")
        self._parts: list[tuple[NDArray[Any], list[str]]] = []

    def matches(self, column: pa.DictionaryArray) -> NDArray[np.bool_]:
        """Tells which rows have a code that matches the pattern."""
        valid = [bool(self._pattern.search(text)) for text in _texts(column)]
        if all(valid) and not column.null_count:
            return np.ones(len(column), dtype=np.bool_)
        return np.asarray(np.array([*valid, False])[_numpy(column.indices.fill_null(len(valid)))])

    def add(self, column: pa.DictionaryArray, rows: NDArray[np.bool_]) -> None:
        """Collects these rows, each of which matches the pattern."""
        texts = _texts(column)
        positions = _numpy(column.indices.fill_null(0)).astype(np.min_scalar_type(len(texts)))
        self._parts.append((positions[rows], texts))

    def encoded(self) -> tuple[NDArray[np.int16], pd.Index]:
        """The code of each row in the alphabetical list of codes, which does not depend on the batches."""
        distinct = {text for positions, texts in self._parts for text in _occurring(positions, texts)}
        alphabet = pd.Index(sorted(distinct), dtype=object)
        parts = [
            alphabet.get_indexer(texts).astype(np.int16)[positions]
            for positions, texts in self._parts
            if len(positions)
        ]
        self._parts.clear()
        return np.concatenate(parts), alphabet


def _texts(column: pa.DictionaryArray) -> list[str]:
    return [text.strip() for text in column.dictionary.to_pylist()]


def _occurring(positions: NDArray[Any], texts: list[str]) -> list[str]:
    return [texts[position] for position in np.flatnonzero(np.bincount(positions))]


def _field_values(
    name: str,
    columns: Mapping[str, NDArray[Any]],
    alphabets: Mapping[str, pd.Index],
    dates: NDArray[np.datetime64],
) -> ColumnValues | None:
    """The values of a field, None when no row has one."""
    if name == "flight_date":
        return dates
    values = columns.get(name)
    if values is None:
        return None
    if name in CODE_FIELDS or name in TIME_FIELDS:
        is_known = values >= 0
        values = pd.Categorical.from_codes(values, alphabets.get(name, CLOCK))
    else:
        is_known = ~np.isnan(values)
    return values if is_known.any() else None


def _floats(column: pa.Array) -> NDArray[np.float64]:
    return _numpy(column.fill_null(np.nan))


def _numpy(column: pa.Array) -> NDArray[Any]:
    return np.asarray(column.to_numpy(zero_copy_only=False))
