"""Sentences for clients: the rule of a field, and the known name nearest to an unknown one."""

import difflib
from collections.abc import Sequence

from bundle import Field
from bundle.rows import comparison, day_range

_LONGEST = 100
_LISTED_VALUES = 10


def rule_of(field: Field) -> str:
    """Describes the valid values of a field."""
    absent = "" if field.required else ", null or left out"
    beside = f", and {comparison(field)}" if comparison(field) else ""
    return f"must be {_kind(field)}{absent}{beside}"


def unknown_field_rule(name: str, known: Sequence[str]) -> str:
    """Describes the error of an unknown field name, with the nearest known name, if any."""
    near = nearest(name, known)
    return "is not a field of this model" + (f": did you mean {near}?" if near else "")


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Returns the known name most similar to a name, ignoring case; None when none is similar."""
    folded = {candidate.strip().casefold(): candidate for candidate in known}
    near = difflib.get_close_matches(name[:_LONGEST].strip().casefold(), folded, n=1)
    return folded[near[0]] if near else None


def printable(name: str) -> str:
    """Returns at most 100 characters of a name, as valid UTF-8."""
    # JSON can contain half of a surrogate pair, which UTF-8 cannot encode.
    return name[:_LONGEST].encode("utf-8", "replace").decode()


def _kind(field: Field) -> str:
    if field.is_number:
        kind = "a whole number" if field.type == "integer" else "a number"
        text = f', or that number as text such as "{field.example}"' if field.from_text else ""
        return kind + _range(field) + text
    if field.type == "boolean":
        return "true or false"
    if field.type == "date":
        days = day_range(field)
        return f"a date {days}, such as {field.example}" if days else "a date such as 2024-02-29"
    if field.type == "time":
        return "a time of day such as 17:45"
    if field.values:
        return _choice(field.values)
    match = f" that matches {field.pattern}" if field.pattern else ""
    if field.type == "text" and field.required and not field.pattern:
        match = " that are not all spaces"
    return f"a string of {1 if field.required else 0} to {field.longest} characters{match}"


def _range(field: Field) -> str:
    unit = f" {field.unit}" if field.unit else ""
    match field.minimum, field.maximum:
        case None, None:
            return ""
        case low, None:
            return f" of at least {low:g}{unit}"
        case None, high:
            return f" of at most {high:g}{unit}"
        case low, high:
            return f" from {low:g} to {high:g}{unit}"


def _choice(values: Sequence[str]) -> str:
    if len(values) <= _LISTED_VALUES:
        return f"one of {', '.join(values)}"
    return f"one of {len(values)} known values, such as {', '.join(values[:3])}"
