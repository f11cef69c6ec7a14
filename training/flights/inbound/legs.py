"""Legs of aircraft: scheduled times in UTC, and delays."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from training.flights.cleaning import ABSENT_TEXTS, NOT_ARRIVED
from training.flights.inbound.utc_times import NO_UTC, arrivals, departures
from training.flights.sorting import NO_TIME

# Place of a leg that is no row of the dataset.
NOWHERE = -1
_NO_TAIL = (*ABSENT_TEXTS, "UNKNOW", "UNKNOWN")


@dataclass(frozen=True, kw_only=True)
class Legs:
    """Legs of aircraft; each attribute has one value a leg.

    Attributes:
        tail: Number of the aircraft.
        origin: Number of the airport of departure.
        destination: Number of the airport of arrival.
        departure: Scheduled departure in UTC, in minutes since 1970.
        arrival: Scheduled arrival likewise, `NO_UTC` where unknown.
        departure_delay: Minutes, NaN where the leg did not depart.
        arrival_delay: Minutes, NaN where it did not arrive at its destination.
        place: Row of the dataset, `NOWHERE` for a leg that is none.
    """

    tail: NDArray[np.int32]
    origin: NDArray[np.int32]
    destination: NDArray[np.int32]
    departure: NDArray[np.int32]
    arrival: NDArray[np.int32]
    departure_delay: NDArray[np.float32]
    arrival_delay: NDArray[np.float32]
    place: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.tail)

    def take(self, rows: NDArray[Any]) -> Self:
        """Selects legs by position or by a boolean mask."""
        return type(self)(**{name: values[rows] for name, values in vars(self).items()})


class LegCollector:
    """Collects the legs of cleaned rows, those of unusable rows too, because they were flown or planned."""

    def __init__(self) -> None:
        self._parts: list[Legs] = []
        self._tails: dict[str, int] = {}
        self._airports: dict[str, int] = {}

    def add(self, batch: pa.RecordBatch, place: NDArray[np.int32]) -> None:
        """Collects the legs whose tail number and scheduled departure, in UTC, are known.

        Args:
            batch: Cleaned rows with a `tail_number`.
            place: Row of the dataset of each, `NOWHERE` for none.
        """
        has_times = pc.and_(
            batch.column("flight_date").is_valid(), batch.column("scheduled_departure").is_valid()
        )
        rows = batch.filter(has_times)
        days = rows.column("flight_date").cast(pa.int32()).to_numpy().astype("datetime64[D]")
        origins, destinations = (_codes(rows.column(name)) for name in ("origin", "destination"))
        departure = departures(days, _minutes(rows, "scheduled_departure"), origins)
        is_arrived = ~np.isin(rows.column("reason").to_numpy(), NOT_ARRIVED)
        legs = Legs(
            tail=_numbered(_tails(rows.column("tail_number")), self._tails),
            origin=_numbered(origins, self._airports),
            destination=_numbered(destinations, self._airports),
            departure=departure,
            arrival=arrivals(departure, days, _minutes(rows, "scheduled_arrival"), destinations),
            departure_delay=_delays(rows, "departure_delay"),
            arrival_delay=np.where(is_arrived, _delays(rows, "arrival_delay"), np.float32(np.nan)),
            place=place[has_times.to_numpy(zero_copy_only=False)],
        )
        self._parts.append(legs.take((legs.tail != NOWHERE) & (legs.departure != NO_UTC)))

    def legs(self) -> Legs:
        """Returns all legs, and forgets them."""
        names = [attribute.name for attribute in fields(Legs)]
        joined = {name: np.concatenate([getattr(part, name) for part in self._parts]) for name in names}
        self._parts.clear()
        return Legs(**joined)


def _codes(texts: pa.Array) -> pa.DictionaryArray:
    return _read(texts, str.strip)


def _tails(texts: pa.Array) -> pa.DictionaryArray:
    return _read(texts, _tail_number)


def _tail_number(text: str) -> str:
    """The tail number in a text; "" for what files have where there is none, such as UNKNOW and 000000."""
    bare = text.replace(" ", "").upper()
    return "" if bare in _NO_TAIL or not bare.strip("0") else bare


def _read(texts: pa.Array, read: Callable[[str], str]) -> pa.DictionaryArray:
    encoded = texts.dictionary_encode()
    values = [read(text) or None for text in encoded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(values, pa.string()))


def _numbered(texts: pa.DictionaryArray, numbers: dict[str, int]) -> NDArray[np.int32]:
    """The number of each text, in the order in which texts are first met, `NOWHERE` for null."""
    own = [
        NOWHERE if text is None else numbers.setdefault(text, len(numbers))
        for text in texts.dictionary.to_pylist()
    ]
    positions = texts.indices.fill_null(len(own)).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*own, NOWHERE], dtype=np.int32)[positions])


def _minutes(rows: pa.RecordBatch, name: str) -> NDArray[np.int16]:
    return np.asarray(rows.column(name).fill_null(NO_TIME).to_numpy(zero_copy_only=False), dtype=np.int16)


def _delays(rows: pa.RecordBatch, name: str) -> NDArray[np.float32]:
    return np.asarray(rows.column(name).fill_null(np.nan).to_numpy(zero_copy_only=False), dtype=np.float32)
