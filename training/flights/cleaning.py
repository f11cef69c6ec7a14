"""Cleaning of flights, as one Ibis expression for every engine.

Engines read every column as text and the expression casts it, because engines infer types differently.
"""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from bundle import Field
from training.flights.dates import DATE_LENGTH, DateForm, date, date_of_parts

DELAY_MINUTES = 15
LARGEST_NUMBER = 99_999

USABLE = 0
REASONS = (
    "cancelled",
    "diverted",
    "without an arrival delay",
    "without a readable date",
    "without a readable scheduled departure",
    "outside the days of the model's field",
    "to the airport of departure",
)

# Columns in which a text that cannot be read is counted.
READ_COLUMNS = (
    "flight_date",
    "scheduled_departure",
    "arrival_delay",
    "scheduled_arrival",
    "departure_delay",
    "distance",
)

# Weather has at most six decimals; no column has more than twelve digits before them.
_DECIMAL = "decimal(18, 6)"
_TIMES = ("scheduled_departure", "scheduled_arrival")
# Texts that stand for an absent value.
_BLANK = ("", "NA", "N/A", "NAN", "NULL", "NONE", "\\N", "-")


def cleaned(raw: ir.Table, fields: Mapping[str, Field], forms: Sequence[DateForm]) -> ir.Table:
    """Casts every row of a file to typed columns; `reason` says why it is unusable, 0 if it is usable.

    `unreadable` has the bits of the columns whose text cannot be read.

    A flight is delayed from 15 minutes, as the US Department of Transportation defines it.

    Args:
        raw: Columns of text, under the names that `Dialect.column_names` gives them.
        fields: The request's fields by name: a number outside a field's range becomes null, a flight on a
            day outside them is unusable.
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
    return typed.mutate(reason=_reason(typed, fields)).drop("cancelled", "diverted", "arrival_delay")


def within(value: ir.FloatingValue, field: Field) -> ir.FloatingValue:
    """Replaces a value outside the field's range by null."""
    return value.between(field.minimum, field.maximum).ifelse(value, ibis.null("float64"))


def number(text: ir.StringValue) -> ir.FloatingValue:
    """Casts a text to a number, null for others such as "", "NA", "NaN", "inf" and "5d".

    Casts to a decimal first, because engines disagree on which texts are floats ("inf", "5d"), and rejects
    underscores, because only DuckDB reads "1_6" as 16.
    """
    return _bare(text).replace("_", "?").try_cast(_DECIMAL).cast("float64")


def minutes(text: ir.StringValue) -> ir.IntegerValue:
    """Minutes since midnight of a local time ("5", "0545", "545.0", "2400", "5:45"), null for other texts."""
    bare = _bare(text)
    clock = ibis.cases(
        (bare.like("__:__") | bare.like("__:__:__"), bare.substr(0, 2) + bare.substr(3, 2)),
        (bare.like("_:__") | bare.like("_:__:__"), bare.substr(0, 1) + bare.substr(2, 2)),
        else_=bare,
    )
    hhmm = number(clock)
    is_time = hhmm.between(0, 2400) & (hhmm == hhmm.floor()) & (hhmm % 100 < 60)
    of_day = (hhmm / 100).floor() % 24 * 60 + hhmm % 100
    return is_time.ifelse(of_day, ibis.null("float64")).cast("int16")


def date_texts(raw: ir.Table) -> ir.Table:
    """The distinct texts of the dates, and whether a 12-hour clock follows them."""
    text = raw.flight_date.strip()
    return raw.select(text=text.substr(0, DATE_LENGTH), has_clock=text.upper().like("%M")).distinct()


def unreadable(raw: ir.Table, forms: Sequence[DateForm]) -> ir.IntegerValue:
    """Bits of the `READ_COLUMNS` whose text cannot be read; a blank text counts as absent."""
    bits = [
        is_unreadable(raw, name, forms).ifelse(1 << bit, 0)
        for bit, name in enumerate(READ_COLUMNS)
        if name in raw.columns
    ]
    return sum(bits[1:], bits[0]).cast("int8")


def is_unreadable(raw: ir.Table, name: str, forms: Sequence[DateForm]) -> ir.BooleanValue:
    """Whether a column has a text that is neither blank nor readable."""
    text = raw[name]
    value = date(text, forms) if name == "flight_date" else (minutes if name in _TIMES else number)(text)
    return value.isnull() & ~_bare(text).upper().isin(_BLANK).fill_null(True)


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


def _reason(typed: ir.Table, fields: Mapping[str, Field]) -> ir.IntegerValue:
    unusable = (
        typed.cancelled,
        typed.diverted,
        typed.arrival_delay.isnull(),
        typed.flight_date.isnull(),
        typed.scheduled_departure.isnull(),
        _out_of_days(typed.flight_date, fields["flight_date"]),
        _bare(typed.origin) == _bare(typed.destination),
    )
    branches = [(condition, reason) for reason, condition in enumerate(unusable, start=1)]
    return ibis.cases(*branches, else_=USABLE).cast("int8")


def _out_of_days(day: ir.DateValue, field: Field) -> ir.BooleanValue:
    early = day < _day(field.earliest) if field.earliest else ibis.literal(False)
    return early | (day > _day(field.latest)) if field.latest else early


def _day(text: str) -> ir.DateValue:
    # A cast of text is the same SQL in every engine; a literal of a date is a function of Trino only.
    return ibis.literal(text).cast("date")


def _bare(text: ir.StringValue) -> ir.StringValue:
    # Takes a fifth of the time of trim in DuckDB; casts in Athena do not trim.
    return text.replace(" ", "")
