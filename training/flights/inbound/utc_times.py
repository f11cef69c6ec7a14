"""Scheduled local times at airports as minutes since 1970 in UTC."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from training.flights.sorting import NO_TIME
from training.flights.weather.airports import airports, utc_minutes

# A time that is unknown, or at an airport of unknown zone.
NO_UTC = np.iinfo(np.int32).min
# Days between those of departure and arrival, by the clocks at both: one back over the date line.
_DAYS_LATER = (-1, 0, 1, 2)


def departures(
    days: NDArray[np.datetime64], minutes: NDArray[np.int16], codes: pa.Array
) -> NDArray[np.int32]:
    """Returns departures in UTC.

    Args:
        days: Local days of departure.
        minutes: Local minutes since midnight, `NO_TIME` where unknown.
        codes: Dictionary of IATA codes of the airports of departure.
    """
    return _utc(days, minutes, _zones(codes))


def arrivals(
    departure: NDArray[np.int32], days: NDArray[np.datetime64], minutes: NDArray[np.int16], codes: pa.Array
) -> NDArray[np.int32]:
    """Returns arrivals in UTC: the first time after the departure at which the clocks at the airport are so.

    Args:
        departure: Departures in UTC.
        days: Local days of departure.
        minutes: Local minutes since midnight, `NO_TIME` where unknown.
        codes: Dictionary of IATA codes of the airports of arrival.
    """
    zones = _zones(codes)
    found = np.full(len(days), NO_UTC, dtype=np.int32)
    is_open = (departure != NO_UTC) & (minutes != NO_TIME)
    for later in _DAYS_LATER:
        rows = np.flatnonzero(is_open)
        utc = _utc(days[rows] + np.timedelta64(later, "D"), minutes[rows], zones[rows])
        is_after = utc > departure[rows]
        found[rows[is_after]] = utc[is_after]
        is_open[rows[is_after]] = False
    return found


def _zones(codes: pa.Array) -> NDArray[np.object_]:
    """The name of the zone of each airport, None where it is unknown."""
    known = airports()
    names = [known[code].zone if code in known else None for code in codes.dictionary.to_pylist()]
    positions = codes.indices.fill_null(len(names)).to_numpy(zero_copy_only=False)
    return np.asarray(np.array([*names, None], dtype=object)[positions])


def _utc(
    days: NDArray[np.datetime64], minutes: NDArray[np.int16], zones: NDArray[np.object_]
) -> NDArray[np.int32]:
    found = np.full(len(days), NO_UTC, dtype=np.int32)
    numbers, names = pd.factorize(zones)
    numbers[minutes == NO_TIME] = -1
    for number, zone in enumerate(names):
        rows = np.flatnonzero(numbers == number)
        found[rows] = utc_minutes(days[rows], minutes[rows], zone)
    return found
