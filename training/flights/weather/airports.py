"""Time zone and weather station of each airport with an IATA code.

Source: the PyPI package airportsdata (MIT license), whose time zones are names of the IANA database.
"""

import functools
from collections.abc import Container, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.errors import TrainingError

AIRPORTS_PACKAGE = "airportsdata"
_CONTIGUOUS_US = "K"


class Airport(NamedTuple):
    """An airport.

    Attributes:
        zone: Name of its time zone, such as America/New_York.
        stations: Names that its weather station may have in the archive, the likeliest first: its ICAO code,
            without the K of the contiguous US, and there its IATA code, which outlives a new ICAO code.
    """

    zone: str
    stations: tuple[str, ...]


@functools.cache
def airports() -> Mapping[str, Airport]:
    """Returns the airports of the world by IATA code.

    Raises:
        TrainingError: When the package with the table is not installed.
    """
    try:
        import airportsdata
    except ImportError as error:
        raise TrainingError(
            f"The package {AIRPORTS_PACKAGE}, which has the time zones of airports, is not installed: "
            "run `pip install -r requirements.txt`."
        ) from error
    table: Mapping[str, Mapping[str, object]] = airportsdata.load("IATA")
    names = {code: _station(str(row["icao"])) for code, row in table.items()}
    taken = set(names.values())
    return {
        code: Airport(zone=str(row["tz"]), stations=_stations(code, names[code], taken))
        for code, row in table.items()
        if row["tz"]
    }


def local_times(utc: pd.Series, codes: pd.Series) -> pd.Series:
    """Returns the local times at airports, without a zone, for times in UTC; NaT at unknown airports.

    Args:
        utc: Times without a zone.
        codes: IATA code of the airport of each time.
    """
    local = pd.Series(np.datetime64("NaT", "ns"), index=utc.index).astype("datetime64[ns]")
    zones = codes.map({code: airport.zone for code, airport in airports().items()})
    for zone, rows in zones.groupby(zones).groups.items():
        local[rows] = utc[rows].dt.tz_localize("UTC").dt.tz_convert(zone).dt.tz_localize(None)
    return local


def utc_minutes(days: NDArray[np.datetime64], minutes: NDArray[np.int16], zone: str) -> NDArray[np.int64]:
    """Returns the minutes since 1970 in UTC of local times at airports of one zone.

    A time that occurs twice, as when clocks go back, is the first of both; one that does not occur, as when
    clocks go forward, is the end of the gap.

    Args:
        days: Local days.
        minutes: Local minutes since midnight.
        zone: Name of the zone.
    """
    local = pd.DatetimeIndex(days.astype("datetime64[s]") + minutes.astype("timedelta64[m]"))
    is_first = np.ones(len(local), dtype=np.bool_)
    zoned = local.tz_localize(zone, ambiguous=is_first, nonexistent="shift_forward")
    utc = zoned.tz_convert("UTC").tz_localize(None).to_numpy()
    return np.asarray(utc.astype("datetime64[m]").astype(np.int64))


def _stations(code: str, name: str, taken: Container[str]) -> tuple[str, ...]:
    # Names of four letters are those of airports outside the contiguous US.
    return (name,) if code in taken or len(name) > len(code) else (name, code)


def _station(icao: str) -> str:
    return icao[1:] if len(icao) == 4 and icao.startswith(_CONTIGUOUS_US) else icao
