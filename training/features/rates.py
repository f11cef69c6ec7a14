"""How much more often than usual something happens, by category."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDS = 10
DAYS_A_WEEK = 7


def beyond_the_day(target: NDArray[Any], dates: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """What each row's outcome is above the mean of its day.

    A day's level (storms, holidays) is shared by all categories; left in, it would be taken for theirs.
    """
    days = day_numbers(dates)
    days -= days.min()
    means = np.bincount(days, target) / np.maximum(np.bincount(days), 1)
    return np.asarray(target - means[days], dtype=np.float64)


def weekly_folds(dates: NDArray[np.datetime64]) -> NDArray[np.int32]:
    """The fold of each row, one of ten: interleaved weeks, for days share their troubles with neighbours."""
    return np.asarray(day_numbers(dates) // DAYS_A_WEEK % FOLDS, dtype=np.int32)


def day_numbers(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Days since 1970."""
    return dates.astype("datetime64[D]").astype(np.int64)


class Rates:
    """Sums and counts of a target by cell and fold, from which every smoothed mean follows.

    A mean is `sum / (count + smoothing)`: of few rows it is near 0, the mean of all `beyond_the_day`.

    Args:
        cells: Which cell each row is in, 0 to `size` - 1.
        size: How many cells there are.
        target: Shape (n,).
        folds: The fold of each row.
        smoothing: How many rows of mean 0 are added to each cell.
    """

    def __init__(
        self,
        cells: NDArray[np.int32],
        *,
        size: int,
        target: NDArray[np.float64],
        folds: NDArray[np.int32],
        smoothing: float,
    ) -> None:
        both = folds * size + cells
        self._sums = np.bincount(both, target, FOLDS * size).reshape(FOLDS, size)
        self._counts = np.bincount(both, minlength=FOLDS * size).reshape(FOLDS, size)
        self._smoothing = smoothing

    def table(self) -> NDArray[np.float32]:
        """The mean of each cell, of all rows: shape (size,)."""
        return self._mean(self._sums.sum(axis=0), self._counts.sum(axis=0))

    def out_of_fold(self, cells: NDArray[np.int32], folds: NDArray[np.int32]) -> NDArray[np.float32]:
        """The mean of each row's cell, of the rows of all other folds: shape (n,)."""
        others = self._mean(self._sums.sum(axis=0) - self._sums, self._counts.sum(axis=0) - self._counts)
        return np.asarray(others[folds, cells])

    def _mean(self, sums: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float32]:
        return np.asarray(sums / (counts + self._smoothing), dtype=np.float32)
