"""The weather of a flight's hour at its origin, joined in the same expression."""

from collections.abc import Mapping

import ibis.expr.types as ir

from bundle import Field
from training.flights.cleaning import date_of_parts, number, within

OBSERVED = {
    "temperature": "temp",
    "wind_speed": "wind_speed",
    "precipitation": "precip",
    "visibility": "visib",
    "humidity": "humid",
    "pressure": "pressure",
}


def with_weather(flights: ir.Table, observed: ir.Table, fields: Mapping[str, Field]) -> ir.Table:
    """The flights with what was observed in the hour of scheduled departure, null where nothing was.

    Values that a field does not admit are taken for unknown: one hour claims a wind of 1,048 mph. The hour
    in which clocks go back occurs twice and has the mean of both.
    """
    names = [name for name in OBSERVED if name in fields]
    hours = observed.select(
        weather_origin=observed.origin.strip(),
        weather_date=date_of_parts(observed),
        weather_hour=number(observed.hour),
        **{name: within(number(observed[OBSERVED[name]]), fields[name]) for name in names},
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
