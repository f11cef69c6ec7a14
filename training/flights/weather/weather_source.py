"""Sources of hourly weather: the sample's file, a file of `--weather`, or the archive of `--weather iem`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pandas as pd

from training.data.data_options import SAMPLE, DataOptions
from training.data.temporary_folder import temporary_folder
from training.errors import TrainingError
from training.flights.sources.sample import sample_weather
from training.flights.weather.hourly_weather import write_hours
from training.flights.weather.iem_archive import IEM
from training.flights.weather.iem_weather import IemWeather
from training.flights.weather.weather_file import read_weather_file

WEATHER_FOLDER = "weather-"


class WeatherSource(Protocol):
    """Hourly weather for flights.

    Attributes:
        name: Its name in messages; "" for the weather of the sample.
    """

    name: str

    def hours(self, departures: Callable[[], pd.DataFrame]) -> Path:
        """Returns a file of hourly weather in the layout of `hourly_join`.

        Args:
            departures: Returns the distinct pairs of `origin` and `flight_date` of the flights.
        """


class HourlyFile:
    """One file of hourly weather for all flights."""

    def __init__(self, path: Path, name: str = "") -> None:
        self.name = name
        self._path = path

    def hours(self, _departures: Callable[[], pd.DataFrame]) -> Path:
        """Returns the file."""
        return self._path


@contextmanager
def open_weather(options: DataOptions) -> Iterator[WeatherSource | None]:
    """Yields the weather that the options name, None without weather; removes temporary files at the end.

    Raises:
        TrainingError: When a file of weather cannot be used.
    """
    if options.source == SAMPLE:
        if options.weather:
            raise TrainingError(
                "The sample has the weather of its own flights: leave --weather out, or name other flights "
                "with --data."
            )
        yield HourlyFile(sample_weather())
    elif options.weather:
        with temporary_folder(options.cache, WEATHER_FOLDER) as folder:
            yield _named(options, folder)
    else:
        yield None


def _named(options: DataOptions, folder: Path) -> WeatherSource:
    if options.weather == IEM:
        return IemWeather(options, folder)
    local, weather, name = read_weather_file(options)
    return HourlyFile(write_hours(local, weather, folder / "hours.csv"), name)
