"""Fields narrowed to what training saw: a row that they accept has only familiar values."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from bundle.field import Field
from bundle.reference.training_reference import Distribution, Reference

# Days outside of the trained ones that are not far yet: a year, so that every season was learned.
FAR_DAYS = 366
# Pattern that no string matches.
_NOTHING = "(?!)"
_MINUTES = 24 * 60


def clock(minutes: int) -> str:
    """Returns a number of minutes since midnight as a time: "17:45" for 1,065."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def near_days(seen: Distribution) -> tuple[date, date]:
    """Returns the first and the last day that are not far from the trained days.

    A day is far when it is outside by more than the trained days are long, or by more than a year.
    """
    first, last = seen.days
    margin = timedelta(days=min(FAR_DAYS, (last - first).days))
    # Dates end with the year 9999.
    return (
        first - min(margin, first - date.min),
        last + min(margin, date.max - last),
    )


def familiar_fields(fields: Sequence[Field], reference: Reference) -> tuple[Field, ...]:
    """Returns the fields narrowed to what training saw; ignored fields are left as they are."""
    return tuple(
        field if field.ignored else _narrowed(field, reference.fields[field.name]) for field in fields
    )


def _narrowed(field: Field, seen: Distribution) -> Field:
    match field.type:
        case "number" | "integer":
            low, high = (seen.edges[0], seen.edges[-1]) if seen.edges else (1.0, 0.0)
            return msgspec.structs.replace(
                field, minimum=max(low, field.lowest), maximum=min(high, field.highest)
            )
        case "date":
            low_day, high_day = near_days(seen) if seen.first else (date.max, date.min)
            return msgspec.structs.replace(
                field,
                earliest=max(low_day.isoformat(), field.earliest or ""),
                latest=min(high_day.isoformat(), field.latest or high_day.isoformat()),
            )
        case "time":
            return _limited(field, familiar_times(seen))
        case "string" if not seen.others:
            return _limited(field, tuple(sorted(seen.values)))
    return field


def familiar_times(seen: Distribution) -> tuple[str, ...]:
    """Returns all times from the earliest to the latest that training saw."""
    if not seen.edges:
        return ()
    return tuple(map(clock, range(int(seen.edges[0]), min(int(seen.edges[-1]) + 1, _MINUTES))))


def _limited(field: Field, values: tuple[str, ...]) -> Field:
    if values:
        return msgspec.structs.replace(field, values=values, pattern=None)
    # A time has a pattern of its own.
    return msgspec.structs.replace(field, type="string", values=(), pattern=_NOTHING)
