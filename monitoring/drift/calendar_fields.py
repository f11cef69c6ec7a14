"""Fields that hold a part of a date: their values move on with the calendar."""

import re

from bundle import Distribution, Field

# Largest value of a part of a date by the last word of a field's name; all but years begin with 0 or 1.
_LARGEST = {
    "quarter": 4,
    "season": 4,
    "weekday": 7,
    "wday": 7,
    "dow": 7,
    "month": 12,
    "week": 53,
    "day": 366,
    "doy": 366,
    "yday": 366,
    "year": 2999,
}
_FIRST_YEAR = 1800
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# Names of months, days of the week and seasons, in any of their usual lengths.
_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october"),
    *("november", "december", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("spring", "summer", "autumn", "fall", "winter"),
)


def is_calendar_field(field: Field, seen: Distribution) -> bool:
    """Returns whether a field is a date, or its name and values are those of a part of one.

    Args:
        field: The field, such as `month` with the numbers 1 to 12, or `day_of_week` with "Mon" to "Sun".
        seen: What training saw of it.
    """
    if field.type == "date":
        return True
    last = [word.lower() for word in _WORDS.findall(field.name)][-1:]
    if not last or last[0] not in _LARGEST:
        return False
    if field.type == "string":
        return bool(seen.values) and all(_is_part(value) for value in seen.values)
    if not field.is_number or not seen.edges:
        return False
    low, high = seen.edges[0], seen.edges[-1]
    return low >= (_FIRST_YEAR if last[0] == "year" else 0) and high <= _LARGEST[last[0]]


def _is_part(value: str) -> bool:
    text = value.strip().lower()
    return text.isdigit() or (len(text) >= len("mon") and any(name.startswith(text) for name in _NAMES))
