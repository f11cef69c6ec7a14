"""Cleaning of flights, as one Ibis expression for every engine.

Engines infer types differently, so they read every column as text, and this expression casts it. Each step is
a subquery of its own: in one expression, every step would repeat the steps before it.
"""

from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir

from bundle import Field
from training.flights.date_formats import DATE_LENGTH, JOINED, DateForm, date, joined_parts
from training.flights.request_fields import TIME_FIELDS

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
# Reasons of flights that did not arrive at their destination.
NOT_ARRIVED = tuple(REASONS.index(reason) + 1 for reason in ("cancelled", "diverted"))

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

_NUMBERS = ("flight_number", "arrival_delay", "departure_delay", "distance", "cancelled", "diverted")
# Texts that stand for an absent value.
ABSENT_TEXTS = ("", "NA", "N/A", "NAN", "NULL", "NONE", "\\N", "-")


def cleaned(raw: ir.Table, fields: Mapping[str, Field], forms: Sequence[DateForm]) -> ir.Table:
    """Casts every row of a file to typed columns; `reason` says why it is unusable, 0 if it is usable.

    `unreadable` has the bits of the columns whose text cannot be read.

    A flight is delayed from 15 minutes, as the US Department of Transportation defines it. Its minutes are
    kept as the second target.

    Args:
        raw: Columns of text, under the names that `Dialect.column_names` gives them.
        fields: The request's fields by name: a number outside a field's range becomes null, a flight on a
            day outside them is unusable.
        forms: Forms of the dates in the file.
    """
    table = parsed(raw, forms)
    late = _value(table, "arrival_delay")
    departure = _value(table, "departure_delay")
    typed = table.select(
        flight_date=table.flight_date_value,
        carrier=table.carrier,
        flight_number=_whole(_value(table, "flight_number")),
        origin=table.origin,
        destination=table.destination,
        scheduled_departure=table.scheduled_departure_value,
        scheduled_arrival=_value(table, "scheduled_arrival", "int16"),
        distance=within(_value(table, "distance"), fields["distance"]),
        departure_delay=within(departure, fields["departure_delay"]),
        delayed=(late >= DELAY_MINUTES).ifelse(1, 0).cast("int8"),
        cancelled=_cancelled(raw, table, late, departure),
        diverted=_flag(table, "diverted"),
        arrival_delay=late,
        unreadable=_unreadable(table),
        **({"tail_number": raw.tail_number} if "tail_number" in raw.columns else {}),
    )
    return typed.mutate(reason=_reason(typed, fields)).drop("cancelled", "diverted")


def parsed(raw: ir.Table, forms: Sequence[DateForm]) -> ir.Table:
    """Adds the value of each text column as `<name>_value`, null where the text cannot be read.

    Times of day become minutes since midnight.
    """
    names = [name for name in ("flight_date", *TIME_FIELDS, *_NUMBERS) if name in raw.columns]
    texts = {f"{name}_text": bare(raw[name]) for name in names}
    if "flight_date" not in names:
        forms = [JOINED]
        texts["flight_date_text"] = bare(joined_parts(raw))
    table = raw.mutate(**texts)
    times = [name for name in TIME_FIELDS if name in names]
    table = table.mutate(**{f"{name}_text": _clock(table[f"{name}_text"]) for name in times})
    values = {f"{name}_value": number(table[f"{name}_text"]) for name in names if name != "flight_date"}
    table = table.mutate(**values, flight_date_value=date(table["flight_date_text"], forms))
    return table.mutate(**{f"{name}_value": _minutes(table[f"{name}_value"]) for name in times})


def _value(table: ir.Table, name: str, type_: str = "float64") -> ir.Value:
    """The value of a column of `parsed`, null where the file has no such column."""
    return table[f"{name}_value"] if f"{name}_value" in table.columns else ibis.null(type_)


def _unreadable(table: ir.Table) -> ir.IntegerValue:
    """Bits of the `READ_COLUMNS` of `parsed` whose text cannot be read; a blank text counts as absent."""
    bits = [
        is_unreadable(table, name).ifelse(1 << bit, 0)
        for bit, name in enumerate(READ_COLUMNS)
        if name in table.columns
    ]
    return sum(bits[1:], bits[0]).cast("int8")


def is_unreadable(table: ir.Table, name: str) -> ir.BooleanValue:
    """Whether a column of `parsed` has a text that is neither blank nor readable."""
    return table[f"{name}_value"].isnull() & ~table[f"{name}_text"].upper().isin(ABSENT_TEXTS).fill_null(True)


def number(text: ir.StringValue) -> ir.FloatingValue:
    """Casts a text without spaces to a number, null for others such as "", "NA", "NaN", "inf" and "5d".

    Casts to a decimal first, because engines disagree on which texts are floats ("inf", "5d"), and rejects
    underscores, because only DuckDB reads "1_6" as 16.
    """
    return _replaced(text, "_", "?").try_cast(_DECIMAL).cast("float64")


def bare(text: ir.StringValue) -> ir.StringValue:
    """Removes the spaces of a text."""
    # Takes a fifth of the time of trim in DuckDB; casts in Athena do not trim.
    return _replaced(text, " ", "")


def _replaced(text: ir.StringValue, old: str, new: str) -> ir.StringValue:
    # A replacement copies every text, so those without the character are left out.
    return text.contains(old).ifelse(text.replace(old, new), text)


def _clock(text: ir.StringValue) -> ir.StringValue:
    """The digits of a time with colons ("5:45", "17:45:00"); other texts as they are."""
    return ibis.cases(
        (text.like("__:__") | text.like("__:__:__"), text.substr(0, 2) + text.substr(3, 2)),
        (text.like("_:__") | text.like("_:__:__"), text.substr(0, 1) + text.substr(2, 2)),
        else_=text,
    )


def _minutes(hhmm: ir.FloatingValue) -> ir.IntegerValue:
    """Minutes since midnight of a time as a number (5, 545, 2400), null for other numbers."""
    is_time = hhmm.between(0, 2400) & (hhmm == hhmm.floor()) & (hhmm % 100 < 60)
    of_day = (hhmm / 100).floor() % 24 * 60 + hhmm % 100
    return is_time.ifelse(of_day, ibis.null("float64")).cast("int16")


def within(value: ir.FloatingValue, field: Field) -> ir.FloatingValue:
    """Replaces a value outside the field's range by null."""
    return value.between(field.minimum, field.maximum).ifelse(value, ibis.null("float64"))


def date_texts(raw: ir.Table) -> ir.Table:
    """The distinct texts of the dates, and whether a 12-hour clock follows them."""
    # Distinct first, so that the functions run on few texts.
    column = raw.select("flight_date").distinct()
    text = column.flight_date.strip()
    return column.select(text=text.substr(0, DATE_LENGTH), has_clock=text.upper().like("%M")).distinct()


def _whole(value: ir.FloatingValue) -> ir.IntegerValue:
    is_whole = value.between(0, LARGEST_NUMBER) & (value == value.floor())
    return is_whole.ifelse(value, ibis.null("float64")).cast("int32")


def _flag(table: ir.Table, name: str) -> ir.BooleanValue:
    # Ibis compares no literal null with a number.
    if name not in table.columns:
        return ibis.literal(False)
    return (_value(table, name) == 1).fill_null(False)


def _cancelled(
    raw: ir.Table, table: ir.Table, late: ir.FloatingValue, departure: ir.FloatingValue
) -> ir.BooleanValue:
    if "cancelled" in raw.columns or "departure_delay" not in raw.columns:
        return _flag(table, "cancelled")
    return late.isnull() & departure.isnull()


def _reason(typed: ir.Table, fields: Mapping[str, Field]) -> ir.IntegerValue:
    unusable = (
        typed.cancelled,
        typed.diverted,
        typed.arrival_delay.isnull(),
        typed.flight_date.isnull(),
        typed.scheduled_departure.isnull(),
        _out_of_days(typed.flight_date, fields["flight_date"]),
        bare(typed.origin) == bare(typed.destination),
    )
    branches = [(condition, reason) for reason, condition in enumerate(unusable, start=1)]
    return ibis.cases(*branches, else_=USABLE).cast("int8")


def _out_of_days(day: ir.DateValue, field: Field) -> ir.BooleanValue:
    early = day < _day(field.earliest) if field.earliest else ibis.literal(False)
    return early | (day > _day(field.latest)) if field.latest else early


def _day(text: str) -> ir.DateValue:
    # A cast of text is the same SQL in every engine; a literal of a date is a function of Trino only.
    return ibis.literal(text).cast("date")
