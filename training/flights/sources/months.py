"""Parser of the months in `bts:2018`, `bts:2018-01` or `bts:2018-01..2018-06`."""

import re
from typing import NamedTuple

from training.errors import TrainingError

_FIRST_YEAR, _LAST_YEAR = 1987, 2100
_SPEC = re.compile(r"(\d{4})(?:-(\d{2}))?(?:\.\.(\d{4})-(\d{2}))?")


class Month(NamedTuple):
    """One month of one year."""

    year: int
    month: int

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


def parse_months(spec: str) -> list[Month]:
    """Lists the months from the first to the last that the text names.

    Raises:
        TrainingError: When the text names no month since 1987.
    """
    match = _SPEC.fullmatch(spec)
    if not match or (match[3] and not match[2]):
        raise _unreadable(spec)
    year, month, last_year, last_month = match.groups()
    first = Month(int(year), int(month or 1))
    last = Month(int(last_year), int(last_month)) if last_year else Month(int(year), int(month or 12))
    if not (_is_month(first) and _is_month(last) and first <= last):
        raise _unreadable(spec)
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [Month(number // 12, number % 12 + 1) for number in numbers]


def _is_month(month: Month) -> bool:
    return _FIRST_YEAR <= month.year <= _LAST_YEAR and 1 <= month.month <= 12


def _unreadable(spec: str) -> TrainingError:
    return TrainingError(
        f"bts:{spec} names no months since {_FIRST_YEAR}: write bts:2018, bts:2018-01 or bts:2018-01..2018-06"
    )
