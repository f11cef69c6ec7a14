"""Features of the gradient boosting: numbers, target-encoded categories, counts and the calendar."""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from training.features.holidays import FARTHEST, day_keys, holiday_distances
from training.features.target_encoding import (
    HOUR,
    HOURS,
    Deviation,
    FeatureCross,
    Key,
    SmoothedMeans,
    above_day_mean,
    day_count,
    fit_cross,
    hour_codes,
    occurring_texts,
    text_codes,
    weekly_folds,
)

TWO_YEARS = 730
CALENDAR = ("month", "day", "day_of_week")


class Features(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Passes numbers, target-encodes categories, and counts their rows a day.

    Day of the year and distance to a holiday are features only when the rows span two years: within one year
    each date occurs once, and the delays of that one day would be attributed to the calendar.

    Args:
        numbers: Names of the data frame's number columns, in order.
        strings: Names of its string columns, in order.
        passed: The number columns that are features unchanged.
        date: The field whose parts make the calendar.
        time: The number column, minutes since midnight, behind `HOUR` in a key.
        rates: Keys, string columns and `HOUR`, whose rate of positives is a feature.
        counts: Keys whose number of rows a day is a feature.
        smoothing: Number of rows of mean 0 that are added to each rate.
        deviations: Keys whose rate is a feature as its difference from what `rates` let expect.
    """

    def __init__(
        self,
        *,
        numbers: tuple[str, ...],
        strings: tuple[str, ...],
        passed: tuple[str, ...],
        date: str,
        time: str,
        rates: tuple[Key, ...],
        counts: tuple[Key, ...],
        smoothing: float,
        deviations: tuple[Deviation, ...] = (),
    ) -> None:
        self.numbers = numbers
        self.strings = strings
        self.passed = passed
        self.date = date
        self.time = time
        self.rates = rates
        self.counts = counts
        self.smoothing = smoothing
        self.deviations = deviations

    def fit(self, X: pd.DataFrame, y: Any, *, dates: NDArray[np.datetime64]) -> Self:  # noqa: N803
        """Fits the tables of all keys."""
        self.fit_transform(X, y, dates=dates, rows=np.arange(0))
        return self

    def fit_transform(  # noqa: D417  # X and y are scikit-learn's
        self,
        X: pd.DataFrame,  # noqa: N803
        y: Any,
        *,
        dates: NDArray[np.datetime64],
        rows: NDArray[np.intp] | None = None,
    ) -> NDArray[np.float32]:
        """Fits on all rows and returns the features of some (by default of all).

        The rates of a row do not depend on its own label: they are means over the other weeks.

        Args:
            dates: The day of each row.
            rows: Positions of the rows to return.

        Returns:
            float32 of shape (rows, features).
        """
        rows = np.arange(len(X)) if rows is None else rows
        self._fit_codes(X, dates)
        codes = self._codes(X)
        target, folds = above_day_mean(np.asarray(y, dtype=np.float64), dates), weekly_folds(dates)
        self.crosses_: list[FeatureCross] = []
        self.tables_: list[NDArray[np.float32]] = []
        # Filled column by column: a list of the columns would take as much memory again.
        features = _Matrix(len(rows), len(self.passed) + len(self.keys) + (2 if self.spans_years_ else 0))
        for name in self.passed:
            features.append(X[name].to_numpy()[rows])
        means: dict[Key, tuple[FeatureCross, NDArray[np.float64]]] = {}
        for rate in self._rates:
            cells, size = self._fit_cells(rate.key, codes)
            found = SmoothedMeans(
                cells,
                size=size,
                target=target,
                folds=folds,
                smoothing=rate.smoothing,
                expected=_expected(rate, self.crosses_[-1], means),
            )
            means[rate.key] = self.crosses_[-1], found.means
            self.tables_.append(found.table())
            features.append(found.out_of_fold(cells[rows], folds[rows]))
        days = day_count(dates)
        for key in self.counts:
            cells, size = self._fit_cells(key, codes)
            self.tables_.append(_with_unknown(np.bincount(cells, minlength=size) / days))
            features.append(self.tables_[-1][cells[rows]])
        for column in self._calendar(X, rows):
            features.append(column)
        return features.values

    def transform(self, X: pd.DataFrame) -> NDArray[np.float32]:  # noqa: N803
        """Computes float32 features of shape (rows, features): numbers, rates, counts and calendar."""
        codes = self._codes(X)
        features = [X[name].to_numpy() for name in self.passed]
        for key, cross, table in zip(self.keys, self.crosses_, self.tables_, strict=True):
            features.append(table[cross.cells([codes[name] for name in key])])
        return np.column_stack([*features, *self._calendar(X)])

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys in the order of their features."""
        return (*(rate.key for rate in self._rates), *self.counts)

    @property
    def _rates(self) -> Iterator[Deviation]:
        """Yields the rates, which are deviations from nothing, and the deviations from them."""
        for key in self.rates:
            yield Deviation(key=key, expected={}, smoothing=self.smoothing)
        yield from self.deviations

    @property
    def positions(self) -> list[int]:
        """The graph's column of each feature; the graph has all numbers, the keys' values, the holidays."""
        end = len(self.numbers) + len(self.keys)
        calendar = [self.numbers.index(f"{self.date}_day_of_year"), end] if self.spans_years_ else []
        return [*map(self.numbers.index, self.passed), *range(len(self.numbers), end), *calendar]

    @property
    def weights(self) -> NDArray[np.int64]:
        """The factors of a row's codes, of each string and the hour, in its number for each key.

        Shape (codes, keys). The number is the sum of the products, see `offsets`.
        """
        order = (*self.strings, HOUR)
        found = np.zeros((len(order), len(self.keys)), dtype=np.int64)
        for number, (key, cross) in enumerate(zip(self.keys, self.crosses_, strict=True)):
            found[[order.index(name) for name in key], number] = cross.weights()
        return found

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Offset that is added to the number of each key, so that no two keys have a number in common."""
        ends = np.cumsum([math.prod(self._radices(key)) for key in self.keys])
        return np.concatenate([[0], ends[:-1]])

    def entries(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The graph's lookup table: the numbers of the cells of all keys, and their values.

        The lookup returns 0 for numbers that it lacks, so cells of value 0 are left out.
        """
        numbers, values = [], []
        for offset, cross, table in zip(self.offsets, self.crosses_, self.tables_, strict=True):
            kept = np.flatnonzero(table)
            numbers.append(offset + cross.identities[kept])
            values.append(table[kept])
        return np.concatenate(numbers), np.concatenate(values)

    def _fit_codes(self, X: pd.DataFrame, dates: NDArray[np.datetime64]) -> None:  # noqa: N803
        # One text has one code in every column, because the graph encodes all columns at once.
        self.texts_ = occurring_texts(X[name] for name in self.strings)
        self.spans_years_ = bool(
            (dates.max() - dates.min()).astype("timedelta64[D]").astype(int) >= TWO_YEARS
        )

    def _codes(self, X: pd.DataFrame) -> dict[str, NDArray[Any]]:  # noqa: N803
        codes = {name: text_codes(X[name], self.texts_) for name in self.strings}
        return {HOUR: hour_codes(X[self.time]), **codes}

    def _radices(self, key: Key) -> list[int]:
        return [1 + (HOURS if name == HOUR else len(self.texts_)) for name in key]

    def _fit_cells(self, key: Key, codes: dict[str, NDArray[Any]]) -> tuple[NDArray[np.int32], int]:
        """Adds the cross of a key, and returns the cell of each row and the number of cells."""
        cross, cells = fit_cross([codes[name] for name in key], self._radices(key))
        self.crosses_.append(cross)
        return cells, cross.size

    def _calendar(
        self,
        X: pd.DataFrame,  # noqa: N803
        rows: NDArray[np.intp] | slice = slice(None),
    ) -> list[NDArray[Any]]:
        if not self.spans_years_:
            return []
        parts = (X[f"{self.date}_{part}"].to_numpy()[rows] for part in CALENDAR)
        keys = day_keys(*(part.astype(np.intp) for part in parts))
        table = holiday_distances()
        distinct, positions = np.unique(keys, return_inverse=True)
        away = np.array([table.get(int(key), FARTHEST) for key in distinct], dtype=np.float32)
        return [X[f"{self.date}_day_of_year"].to_numpy()[rows], away[positions]]


class _Matrix:
    """A matrix of float32 that is filled column by column."""

    def __init__(self, rows: int, columns: int) -> None:
        self.values: NDArray[np.float32] = np.empty((rows, columns), dtype=np.float32)
        self._filled = 0

    def append(self, column: NDArray[Any]) -> None:
        """Fills the next column."""
        self.values[:, self._filled] = column
        self._filled += 1


def _expected(
    rate: Deviation, cross: FeatureCross, means: Mapping[Key, tuple[FeatureCross, NDArray[np.float64]]]
) -> NDArray[np.float64] | float:
    """Sums the weighted means of the parts of a key, for each of its cells: shape (folds + 1, cells)."""
    codes = dict(zip(rate.key, cross.codes(), strict=True))
    found: NDArray[np.float64] | float = 0.0
    for part, weight in rate.expected.items():
        of_part, values = means[part]
        found = found + weight * values[:, of_part.cells([codes[name] for name in part])]
    return found


def _with_unknown(table: NDArray[Any]) -> NDArray[np.float32]:
    """Sets the first cell, that of unknown combinations, to 0."""
    table = table.astype(np.float32)
    table[0] = 0
    return table
