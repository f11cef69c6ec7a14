"""How far a day is from the nearest public holiday of the United States."""

import datetime
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

FARTHEST = 8
# Weekdays and dates meet again in the same way after 28 years.
CYCLE = range(2023, 2023 + 28)
WEIGHTS = (31 * 7, 7, 1)


def day_keys(months: Any, days: Any, weekdays: Any) -> Any:
    """One number for a month, a day and a weekday, which between them tell every holiday's distance.

    The year is not needed: all movable holidays are the n-th such weekday of a month.
    """
    return months * WEIGHTS[0] + days * WEIGHTS[1] + weekdays * WEIGHTS[2]


@functools.cache
def distances() -> dict[int, int]:
    """Days since the nearest holiday (negative: until it) by `day_keys`, at most 8 either way."""
    # Where no model spans two years, nobody waits for this import.
    import holidays

    found = holidays.country_holidays("US", years=range(CYCLE.start - 1, CYCLE.stop + 1), observed=False)
    known = np.array(sorted(day.toordinal() for day in found))
    first, last = (datetime.date(year, 1, 1).toordinal() for year in (CYCLE.start, CYCLE.stop))
    return {
        int(day_keys(date.month, date.day, date.weekday())): _nearest(date.toordinal(), known)
        for date in map(datetime.date.fromordinal, range(first, last))
    }


def _nearest(day: int, holidays: NDArray[np.int64]) -> int:
    away = day - holidays
    return int(np.clip(away[np.abs(away).argmin()], -FARTHEST, FARTHEST))
