"""Schedules of EventBridge: expressions of cron with six fields, in UTC.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_CRON = re.compile(r"cron\(([^ ()]+(?: [^ ()]+){5})\)")
_ANY_DAY = "?"
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MOST_WEEKS = 5


@dataclass(frozen=True, kw_only=True)
class _Field:
    """Values of a field.

    Attributes:
        low: Lowest number.
        high: Highest number.
        names: Number of each name.
        special: Pattern of what else the field may be.
    """

    low: int
    high: int
    names: Mapping[str, int] = field(default_factory=dict)
    special: re.Pattern[str] = re.compile(r"(?!)")

    def accepts(self, text: str) -> bool:
        """Returns whether each part of a field, between commas, is valid."""
        return all(self._accepts_part(part) for part in text.split(","))

    def _accepts_part(self, part: str) -> bool:
        if found := self.special.fullmatch(part):
            return all(self._has(value) for value in found.groups() if value)
        base, slash, step = part.partition("/")
        if slash and not (step.isdecimal() and 0 < int(step) <= self.high):
            return False
        return base == "*" or (base.count("-") <= 1 and all(map(self._has, base.split("-"))))

    def _has(self, value: str) -> bool:
        number = self.names.get(value, int(value) if value.isascii() and value.isdecimal() else -1)
        return self.low <= number <= self.high


_FIELDS = (
    _Field(low=0, high=59),
    _Field(low=0, high=23),
    _Field(low=1, high=31, special=re.compile(r"\?|L|LW|L-(\d+)|(\d+)W")),
    _Field(low=1, high=12, names={name: number for number, name in enumerate(_MONTHS, start=1)}),
    _Field(
        low=1,
        high=7,
        names={name: number for number, name in enumerate(_DAYS, start=1)},
        special=re.compile(rf"\?|L|(\w+?)L|(\w+)#[1-{_MOST_WEEKS}]"),
    ),
    _Field(low=1970, high=2199),
)


def is_schedule(text: str) -> bool:
    """Returns whether EventBridge accepts a text as a schedule of cron."""
    if not (found := _CRON.fullmatch(text)):
        return False
    fields = found[1].split(" ")
    # One of day of month and day of week must say that it decides nothing.
    decides = [fields[position] != _ANY_DAY for position in (2, 4)]
    return decides[0] != decides[1] and all(
        known.accepts(given) for known, given in zip(_FIELDS, fields, strict=True)
    )
