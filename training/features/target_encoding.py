"""Target encoding: the smoothed rate of positives by one category column, or by the cross of two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.errors import TrainingError

HOUR = "hour"
HOURS = tuple(f"{hour:02d}" for hour in range(24))
FOLDS = 10
DAYS_A_WEEK = 7
ROWS_AT_ONCE = 1_000_000

# Names of one or two category columns.
Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True)
class Categories:
    """The categories of one column, as they were at fitting.

    Attributes:
        names: The categories, each of the same length.
    """

    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.names)

    def codes(self, values: pd.Series) -> NDArray[np.signedinteger[Any]]:
        """The position of each value's category, -1 when it is unknown; `values` are categorical."""
        found = pd.Index(self.names, dtype=object).get_indexer(values.cat.categories)
        narrow = np.min_scalar_type(-max(len(self.names), 1))
        return np.asarray(found.astype(narrow)[values.cat.codes.to_numpy()])


def occurring_categories(values: pd.Series) -> Categories:
    """Collects the categories that occur in a categorical column, without "", which stands for absent.

    Raises:
        TrainingError: When they are not all of one length.
    """
    occurs = np.bincount(values.cat.codes.to_numpy(), minlength=len(values.cat.categories)) > 0
    names = tuple(sorted(name for name in values.cat.categories[occurs] if name))
    if len({len(name) for name in names}) > 1:
        # The graph joins two codes without a separator: "A" + "BC" would be "AB" + "C".
        raise TrainingError(
            f"The column {values.name!r} has codes of different lengths, such as {names[:3]}: "
            "give them the same length."
        )
    return Categories(names)


def hour_codes(minutes: pd.Series) -> NDArray[np.int8]:
    """The hour of times in minutes since midnight, -1 when absent."""
    values = minutes.to_numpy()
    return np.where(np.isnan(values), np.int8(-1), (np.nan_to_num(values) // 60).astype(np.int8))


class FeatureCross:
    """The cells of one category column, or of the cross of two.

    Args:
        categories: Those of each column.
    """

    def __init__(self, categories: Sequence[Categories]) -> None:
        self._categories = tuple(categories)

    @property
    def size(self) -> int:
        """Number of cells; the last one is of all combinations with an unknown category."""
        return int(np.prod([len(categories) for categories in self._categories])) + 1

    def cells(self, codes: Sequence[NDArray[np.signedinteger[Any]]]) -> NDArray[np.int32]:
        """The cell of each row, given its codes in each column."""
        cell = codes[0].astype(np.int32)
        for categories, more in zip(self._categories[1:], codes[1:], strict=True):
            cell *= len(categories)
            cell += more
        for code in codes:
            cell[code < 0] = self.size - 1
        return cell

    def texts(self) -> list[str]:
        """The text of each known cell: its two codes joined, or its one code twice."""
        first, last = self._categories[0].names, self._categories[-1].names
        if len(self._categories) == 1:
            return [name * 2 for name in first]
        return [one + other for one in first for other in last]


def above_day_mean(target: NDArray[Any], dates: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Subtracts the mean of its day from each row's label.

    The level of a day (storms, holidays) affects all categories; it must not be attributed to those that
    happen to have more rows on that day.
    """
    days = _day_numbers(dates)
    days -= days.min()
    means = np.bincount(days, target) / np.maximum(np.bincount(days), 1)
    above = np.asarray(-means[days], dtype=np.float64)
    above += target
    return above


def weekly_folds(dates: NDArray[np.datetime64]) -> NDArray[np.int8]:
    """The fold of each row, 0 to 9: weeks take turns, because neighbouring days have similar delays."""
    return np.asarray(_day_numbers(dates) // DAYS_A_WEEK % FOLDS, dtype=np.int8)


def _day_numbers(dates: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return dates.astype("datetime64[D]").astype(np.int64)


class SmoothedMeans:
    """Mean of a target by cell, over all folds or all but one: `sum / (count + smoothing)`.

    The mean of a cell with few rows is near 0, which is the mean of all rows `above_day_mean`.

    Args:
        cells: The cell of each row, 0 to `size` - 1.
        size: Number of cells.
        target: Shape (n,).
        folds: The fold of each row.
        smoothing: Number of rows of mean 0 that are added to each cell.
    """

    def __init__(
        self,
        cells: NDArray[np.int32],
        *,
        size: int,
        target: NDArray[np.float64],
        folds: NDArray[np.int8],
        smoothing: float,
    ) -> None:
        sums, counts = np.zeros(FOLDS * size), np.zeros(FOLDS * size, dtype=np.intp)
        # In parts, because bincount copies its cells as 64-bit numbers.
        for start in range(0, len(cells), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            both = folds[part].astype(np.intp) * size + cells[part]
            sums += np.bincount(both, target[part], FOLDS * size)
            counts += np.bincount(both, minlength=FOLDS * size)
        self._sums, self._counts = sums.reshape(FOLDS, size), counts.reshape(FOLDS, size)
        self._smoothing = smoothing

    def table(self) -> NDArray[np.float32]:
        """The mean of each cell over all rows: shape (size,)."""
        return self._mean(self._sums.sum(axis=0), self._counts.sum(axis=0))

    def out_of_fold(self, cells: NDArray[np.int32], folds: NDArray[np.int8]) -> NDArray[np.float32]:
        """The mean of each row's cell over the rows of all other folds: shape (n,)."""
        others = self._mean(self._sums.sum(axis=0) - self._sums, self._counts.sum(axis=0) - self._counts)
        return np.asarray(others[folds, cells])

    def _mean(self, sums: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.float32]:
        return np.asarray(sums / (counts + self._smoothing), dtype=np.float32)
