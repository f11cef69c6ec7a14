"""What is a usable flight and whether it came late, as one Ibis expression for every engine.

Text in, typed columns out: every column is read as a string, so that no engine's guess at types matters.
"""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from bundle import Field

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

# Six digits keep what weather is measured to; twelve before them are more than any column has.
_DECIMAL = "decimal(18, 6)"


def cleaned(raw: ir.Table, fields: Mapping[str, Field]) -> ir.Table:
    """Every row of a file in clean columns; `reason` is why it cannot be used, 0 if it can.

    A flight is late from 15 minutes, by the US Department of Transportation's definition.

    Args:
        raw: Strings, under the names a dialect gives them here.
        fields: The request's, by name: a number they do not admit is taken for unknown.
    """
    late = _optional(raw, "arrival_delay")
    departure = _optional(raw, "departure_delay")
    typed = raw.select(
        flight_date=_date(raw),
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
    )
    return typed.mutate(reason=_reason(typed)).drop("cancelled", "diverted", "arrival_delay")


def number(text: ir.StringValue) -> ir.FloatingValue:
    """A number, or null where the text is none: "", "NA", "NaN", "inf", "5d".

    By way of a decimal, because the engines' floats differ in what they take ("inf", "5d"), and without
    underscores, because DuckDB alone reads "1_6" as 16.
    """
    return _bare(text).replace("_", "?").try_cast(_DECIMAL).cast("float64")


def minutes(text: ir.StringValue) -> ir.IntegerValue:
    """Minutes since midnight of a local time ("5", "0545", "545.0", "2400"), null if it is none."""
    hhmm = number(text)
    is_time = hhmm.between(0, 2400) & (hhmm == hhmm.floor()) & (hhmm % 100 < 60)
    of_day = (hhmm / 100).floor() % 24 * 60 + hhmm % 100
    return is_time.ifelse(of_day, ibis.null("float64")).cast("int16")


def date(text: ir.StringValue) -> ir.DateValue:
    """The day of "2018-01-31", "2018-01-31 00:00:00" or "1/31/2018 12:00:00 AM", null if it is none."""
    day = _bare(text)
    iso = ibis.cases(
        (day.like("____-__-__%"), day.substr(0, 10)),
        (day.like("_/_/____%"), _joined(day.substr(4, 4), "0", day.substr(0, 1), "0", day.substr(2, 1))),
        (day.like("_/__/____%"), _joined(day.substr(5, 4), "0", day.substr(0, 1), "", day.substr(2, 2))),
        (day.like("__/_/____%"), _joined(day.substr(5, 4), "", day.substr(0, 2), "0", day.substr(3, 1))),
        (day.like("__/__/____%"), _joined(day.substr(6, 4), "", day.substr(0, 2), "", day.substr(3, 2))),
    )
    return iso.try_cast("date")


def date_of_parts(raw: ir.Table) -> ir.DateValue:
    """The day of the columns year, month and day."""
    return date(raw.month + "/" + raw.day + "/" + raw.year)


def within(value: ir.FloatingValue, field: Field) -> ir.FloatingValue:
    """The value, or null where the field does not admit it."""
    return value.between(field.minimum, field.maximum).ifelse(value, ibis.null("float64"))


def _bare(text: ir.StringValue) -> ir.StringValue:
    # A fifth of what trimming costs in DuckDB, and casts in Athena do not trim.
    return text.replace(" ", "")


def _joined(
    year: ir.StringValue, pad: str, month: ir.StringValue, fill: str, day: ir.StringValue
) -> ir.StringValue:
    return year + f"-{pad}" + month + f"-{fill}" + day


def _date(raw: ir.Table) -> ir.DateValue:
    return date(raw.flight_date) if "flight_date" in raw.columns else date_of_parts(raw)


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
