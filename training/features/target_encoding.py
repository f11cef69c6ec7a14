"""Target encoding: the smoothed rate of positives by the cross of category columns."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

HOUR = "hour"
HOURS = 24
FOLDS = 10
DAYS_A_WEEK = 7
ROWS_AT_ONCE = 1_000_000
_ROWS_A_BLOCK = 65_536

# Names of category columns.
Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """A key whose rate of positives is encoded as its difference from what other rates let expect.

    Attributes:
        key: The key.
        expected: The rate that is expected of it: the weights in a sum of the rates of keys whose columns are
            among its own.
        smoothing: Number of rows as expected that are added.
    """

    key: Key
    expected: Mapping[Key, float]
    smoothing: float


def occurring_texts(columns: Iterable[pd.Series]) -> tuple[str, ...]:
    """Collects the texts that occur in some categorical column, without "", which stands for absent."""
    found: set[str] = set()
    for values in columns:
        counts = np.bincount(values.cat.codes.to_numpy(), minlength=len(values.cat.categories))
        found.update(values.cat.categories[counts > 0])
    return tuple(sorted(found - {""}))


def text_codes(values: pd.Series, texts: Sequence[str]) -> NDArray[np.unsignedinteger[Any]]:
    """The code of each text of a categorical column: its position from 1 on, 0 when it is not in `texts`."""
    found = pd.Index(texts, dtype=object).get_indexer(values.cat.categories) + 1
    narrow = np.min_scalar_type(len(texts))
    return np.asarray(found.astype(narrow)[values.cat.codes.to_numpy()])


def hour_codes(minutes: pd.Series) -> NDArray[np.uint8]:
    """The hour of times in minutes since midnight, 1 to 24; 0 when absent."""
    values = minutes.to_numpy()
    # Whole numbers are divided in a tenth of the time.
    hours = (np.nan_to_num(values).astype(np.int16) // 60 + 1).astype(np.uint8)
    return np.where(np.isnan(values), np.uint8(0), hours)


class FeatureCross:
    """The cells of a key: the combinations of its categories that occur in the training rows.

    Cells have the numbers 1, 2, and so on; cell 0 is of all other combinations. The identity of a cell is the
    number whose digits are its codes. Memory follows the combinations that occur, not the possible ones.

    Args:
        radices: Number of codes of each column, with 0.
        steps: For each column the cell by cell before and code, of shape (cells, radix).
        identities: Identity of each cell.
    """

    def __init__(
        self, radices: Sequence[int], steps: Sequence[NDArray[np.int32]], identities: NDArray[np.int64]
    ) -> None:
        self._radices, self._steps, self.identities = tuple(radices), steps, identities

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.identities)

    def cells(self, codes: Sequence[NDArray[Any]]) -> NDArray[np.int32]:
        """The cell of each row, given its codes in each column."""
        cells = np.ones(len(codes[0]), dtype=np.int32)
        for step, column in zip(self._steps, codes, strict=True):
            cells = _next_cells(step, cells, column)
        return cells

    def codes(self) -> list[NDArray[np.int64]]:
        """The code of each cell in each column, 0 in cell 0."""
        factors = zip(self.weights(), self._radices, strict=True)
        return [self.identities // weight % radix for weight, radix in factors]

    def weights(self) -> list[int]:
        """The factors of the codes in an identity."""
        return [math.prod(self._radices[number + 1 :]) for number in range(len(self._radices))]


def fit_cross(
    codes: Sequence[NDArray[Any]], radices: Sequence[int]
) -> tuple[FeatureCross, NDArray[np.int32]]:
    """Finds the cells of a key in the training rows; returns the cell of each row too.

    Args:
        codes: The codes of the training rows in each column, 0 where unknown.
        radices: Number of codes of each column, with 0.
    """
    # All rows begin in one cell, of no column.
    cells, identities = np.ones(len(codes[0]), dtype=np.int32), np.zeros(2, dtype=np.int64)
    steps = []
    for column, radix in zip(codes, radices, strict=True):
        flat = np.zeros(len(identities) * radix, dtype=np.bool_)
        for part in _blocks(len(cells)):
            flat[_places(cells[part], column[part], radix)] = True
        occurs = flat.reshape(-1, radix)
        occurs[0], occurs[:, 0] = False, False
        positions = np.flatnonzero(occurs)
        steps.append(np.where(occurs, occurs.cumsum().reshape(occurs.shape), 0).astype(np.int32))
        identities = np.concatenate([[0], identities[positions // radix] * radix + positions % radix])
        cells = _next_cells(steps[-1], cells, column)
    return FeatureCross(radices, steps, identities), cells


def _next_cells(step: NDArray[np.int32], cells: NDArray[np.int32], column: NDArray[Any]) -> NDArray[np.int32]:
    found = np.empty(len(cells), dtype=np.int32)
    for part in _blocks(len(cells)):
        found[part] = step.ravel().take(_places(cells[part], column[part], step.shape[1]))
    return found


def _places(cells: NDArray[np.int32], column: NDArray[Any], radix: int) -> NDArray[np.intp]:
    # One number for both takes a quarter of the time of an index of two arrays.
    places = cells.astype(np.intp)
    places *= radix
    places += column
    return places


def _blocks(rows: int) -> Iterator[slice]:
    """Yields slices of so many rows that their numbers stay in the processor's cache."""
    return (slice(start, start + _ROWS_A_BLOCK) for start in range(0, rows, _ROWS_A_BLOCK))


def day_count(dates: NDArray[np.datetime64]) -> int:
    """Number of different days."""
    first, last = _day_numbers(np.array([dates.min(), dates.max()]))
    occurs = np.zeros(last - first + 1, dtype=np.bool_)
    for part in _blocks(len(dates)):
        occurs[_day_numbers(dates[part]) - first] = True
    return int(np.count_nonzero(occurs))


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
    """Mean of a target by cell, less what is expected of it, over all folds or all but one.

    It is `sum / (count + smoothing)` of the target less the expected value: near 0 in a cell with few rows.

    Args:
        cells: The cell of each row, 0 to `size` - 1.
        size: Number of cells; cell 0 is of unknown combinations, and its mean 0.
        target: Shape (n,).
        folds: The fold of each row.
        smoothing: Number of rows as expected that are added to each cell.
        expected: What is expected in each cell, in the form of `means`.

    Attributes:
        means: Shape (folds + 1, size): without the rows of each fold, and of all rows.
    """

    def __init__(
        self,
        cells: NDArray[np.int32],
        *,
        size: int,
        target: NDArray[np.float64],
        folds: NDArray[np.int8],
        smoothing: float,
        expected: NDArray[np.float64] | float = 0.0,
    ) -> None:
        sums, counts = np.zeros(FOLDS * size), np.zeros(FOLDS * size, dtype=np.intp)
        # In parts, because bincount copies its cells as 64-bit numbers.
        for start in range(0, len(cells), ROWS_AT_ONCE):
            part = slice(start, start + ROWS_AT_ONCE)
            both = folds[part].astype(np.intp) * size + cells[part]
            sums += np.bincount(both, target[part], FOLDS * size)
            counts += np.bincount(both, minlength=FOLDS * size)
        sums, counts = (_without_each(found.reshape(FOLDS, size)) for found in (sums, counts))
        self.means = (sums - counts * expected) / (counts + smoothing)
        self.means[:, 0] = 0

    def table(self) -> NDArray[np.float32]:
        """The mean of each cell over all rows: shape (size,)."""
        return np.asarray(self.means[-1], dtype=np.float32)

    def out_of_fold(self, cells: NDArray[np.int32], folds: NDArray[np.int8]) -> NDArray[np.float32]:
        """The mean of each row's cell over the rows of all other folds: shape (n,)."""
        return np.asarray(self.means[folds, cells], dtype=np.float32)


def _without_each(by_fold: NDArray[Any]) -> NDArray[Any]:
    """Sums over all folds but one, for each, and over all: shape (folds + 1, size)."""
    total = by_fold.sum(axis=0)
    return np.vstack([total - by_fold, total])
