"""Casts of text columns to numbers and times, and the texts that they cannot read."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from training.flights.dates import DATE_LENGTH, DateForm, date

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


def _bare(text: ir.StringValue) -> ir.StringValue:
    # Takes a fifth of the time of trim in DuckDB; casts in Athena do not trim.
    return text.replace(" ", "")
