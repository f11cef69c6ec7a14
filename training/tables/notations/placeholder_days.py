"""Days that programs write for no day, such as 9999-12-31."""

import numpy as np
from numpy.typing import NDArray

_DAYS = np.array(
    [
        *("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01"),
        *("1970-01-01", "2099-12-31", "2100-01-01", "2199-12-31", "2999-12-31", "3000-01-01", "9999-01-01"),
        *("9999-12-30", "9999-12-31"),
    ],
    dtype="datetime64[D]",
)
# Another day nearer than ten years shows that it is a day among others.
_FEWEST_DAYS_APART = 3_652


def are_placeholders(values: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """Returns which points in time stand for no day: those of known days far from all others.

    Args:
        values: Points in time, NaT where absent.
    """
    days = values.astype("datetime64[D]")
    are_known = np.isin(days, _DAYS)
    others = days[~are_known & ~np.isnat(days)]
    if not are_known.any() or not len(others):
        return np.zeros(len(values), dtype=bool)
    first, last = others.min(), others.max()
    before, after = (first - days).astype(np.int64), (days - last).astype(np.int64)
    return np.asarray(are_known & (np.maximum(before, after) >= _FEWEST_DAYS_APART))
