"""Distance of a day to the nearest public holiday of the United States."""

import datetime
import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

FARTHEST = 8
# Years; after 28 of them weekdays and dates coincide again.
CYCLE = range(2023, 2023 + 28)
WEIGHTS = (31 * 7, 7, 1)


def day_keys(months: Any, days: Any, weekdays: Any) -> Any:
    """Packs month, day and weekday into one number, which determines the distance to a holiday.

    The year is not needed: each movable holiday is the n-th of a weekday in its month.
    """
    return months * WEIGHTS[0] + days * WEIGHTS[1] + weekdays * WEIGHTS[2]


@functools.cache
def holiday_distances() -> dict[int, int]:
    """Days since the nearest holiday by `day_keys`, negative before it, from -8 to 8."""
    # A slow import, and only models of two years or more need it.
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
