"""Cleaning of flights and the join with weather, as one Ibis expression for every engine.

Engines read every column as text and the expression casts it, because engines infer types differently.
"""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from bundle import Field
from training.flights.casts import minutes, number, unreadable
from training.flights.dates import DateForm, date, date_of_parts

DELAY_MINUTES = 15
LARGEST_NUMBER = 99_999

USABLE = 0
REASONS = (
    "cancelled",
    "diverted",
    "without an arrival delay",
    "without a readable date",
    "without a readable scheduled departure",
)

# The weather's columns by the name of their field.
WEATHER_COLUMNS = {
    "temperature": "temp",
    "wind_speed": "wind_speed",
    "precipitation": "precip",
    "visibility": "visib",
    "humidity": "humid",
    "pressure": "pressure",
}


def cleaned(raw: ir.Table, fields: Mapping[str, Field], forms: Sequence[DateForm]) -> ir.Table:
    """Casts every row of a file to typed columns; `reason` says why it is unusable, 0 if it is usable.

    `unreadable` has the bits of the columns whose text cannot be read.

    A flight is delayed from 15 minutes, as the US Department of Transportation defines it.

    Args:
        raw: Columns of text, under the names that `Dialect.column_names` gives them.
        fields: The request's fields by name: a number outside a field's range becomes null.
        forms: Forms of the dates in the file.
    """
    late = _optional(raw, "arrival_delay")
    departure = _optional(raw, "departure_delay")
    typed = raw.select(
        flight_date=_date(raw, forms),
        carrier=raw.carrier,
        flight_number=_whole(_optional(raw, "flight_number")),
        origin=raw.origin,
        destination=raw.destination,
        scheduled_departure=minutes(raw.scheduled_departure),
        scheduled_arrival=_optional(raw, "scheduled_arrival", "int16"),
        distance=within(_optional(raw, "distance"), fields["distance"]),
        departure_delay=within(departure, fields["departure_delay"]),
        delayed=(late >= DELAY_MINUTES).ifelse(1, 0).cast("int8"),
        cancelled=_cancelled(raw, late, departure),
        diverted=_flag(raw, "diverted"),
        arrival_delay=late,
        unreadable=unreadable(raw, forms),
    )
    return typed.mutate(reason=_reason(typed)).drop("cancelled", "diverted", "arrival_delay")


def with_weather(flights: ir.Table, observed: ir.Table, fields: Mapping[str, Field]) -> ir.Table:
    """Adds the weather at the origin in the hour of scheduled departure, null where it was not observed.

    A value outside its field's range becomes null: one hour has a wind of 1,048 mph. The hour that occurs
    twice when clocks go back has the mean of both observations.
    """
    names = [name for name in WEATHER_COLUMNS if name in fields]
    hours = observed.select(
        weather_origin=observed.origin.strip(),
        weather_date=date_of_parts(observed),
        weather_hour=number(observed.hour),
        **{name: within(number(observed[WEATHER_COLUMNS[name]]), fields[name]) for name in names},
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


def within(value: ir.FloatingValue, field: Field) -> ir.FloatingValue:
    """Replaces a value outside the field's range by null."""
    return value.between(field.minimum, field.maximum).ifelse(value, ibis.null("float64"))


def _date(raw: ir.Table, forms: Sequence[DateForm]) -> ir.DateValue:
    return date(raw.flight_date, forms) if "flight_date" in raw.columns else date_of_parts(raw)


def _optional(raw: ir.Table, name: str, type_: str = "float64") -> ir.NumericValue:
    if name not in raw.columns:
        return ibis.null(type_)
    return minutes(raw[name]) if type_ == "int16" else number(raw[name])


def _whole(value: ir.FloatingValue) -> ir.IntegerValue:
    is_whole = value.between(0, LARGEST_NUMBER) & (value == value.floor())
    return is_whole.ifelse(value, ibis.null("float64")).cast("int32")


def _flag(raw: ir.Table, name: str) -> ir.BooleanValue:
    return (number(raw[name]) == 1).fill_null(False) if name in raw.columns else ibis.literal(False)


def _cancelled(raw: ir.Table, late: ir.FloatingValue, departure: ir.FloatingValue) -> ir.BooleanValue:
    if "cancelled" in raw.columns or "departure_delay" not in raw.columns:
        return _flag(raw, "cancelled")
    return late.isnull() & departure.isnull()


def _reason(typed: ir.Table) -> ir.IntegerValue:
    unusable = (
        typed.cancelled,
        typed.diverted,
        typed.arrival_delay.isnull(),
        typed.flight_date.isnull(),
        typed.scheduled_departure.isnull(),
    )
    branches = [(condition, reason) for reason, condition in enumerate(unusable, start=1)]
    return ibis.cases(*branches, else_=USABLE).cast("int8")
