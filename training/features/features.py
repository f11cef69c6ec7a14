"""Features of the gradient boosting: numbers, target-encoded categories, counts and the calendar."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from training.features.holidays import FARTHEST, day_keys, holiday_distances
from training.features.target_encoding import (
    HOUR,
    HOURS,
    Categories,
    FeatureCross,
    Key,
    SmoothedMeans,
    above_day_mean,
    hour_codes,
    occurring_categories,
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
        rates: Keys, one or two of the string columns or `HOUR`, whose rate of positives is a feature.
        counts: Keys whose number of rows a day is a feature.
        smoothing: Number of rows of mean 0 that are added to each rate.
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
    ) -> None:
        self.numbers = numbers
        self.strings = strings
        self.passed = passed
        self.date = date
        self.time = time
        self.rates = rates
        self.counts = counts
        self.smoothing = smoothing

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
        self._fit_categories(X, dates)
        codes, days = self._codes(X), np.unique(dates).size
        target, folds = above_day_mean(np.asarray(y, dtype=np.float64), dates), weekly_folds(dates)
        self.tables_: list[NDArray[np.float32]] = []
        features = [X[name].to_numpy()[rows] for name in self.passed]
        for key in self.rates:
            size, cells = self._cross(key).size, self._cells(key, codes)
            rate = SmoothedMeans(cells, size=size, target=target, folds=folds, smoothing=self.smoothing)
            self.tables_.append(_with_unknown(rate.table()))
            features.append(rate.out_of_fold(cells[rows], folds[rows]))
        for key in self.counts:
            cells = self._cells(key, codes)
            table = np.bincount(cells, minlength=self._cross(key).size) / days
            self.tables_.append(_with_unknown(table))
            features.append(self.tables_[-1][cells[rows]])
        return np.column_stack([*features, *self._calendar(X, rows)])

    def transform(self, X: pd.DataFrame) -> NDArray[np.float32]:  # noqa: N803
        """Computes float32 features of shape (rows, features): numbers, rates, counts and calendar."""
        codes = self._codes(X)
        features = [X[name].to_numpy() for name in self.passed]
        for key, table in zip(self.keys, self.tables_, strict=True):
            features.append(table[self._cells(key, codes)])
        return np.column_stack([*features, *self._calendar(X)])

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys in the order of their features."""
        return (*self.rates, *self.counts)

    @property
    def positions(self) -> list[int]:
        """The graph's column of each feature; the graph has all numbers, the keys' values, the holidays."""
        end = len(self.numbers) + len(self.keys)
        calendar = [self.numbers.index(f"{self.date}_day_of_year"), end] if self.spans_years_ else []
        return [*map(self.numbers.index, self.passed), *range(len(self.numbers), end), *calendar]

    def entries(self) -> dict[str, float]:
        """The graph's lookup table: the value of each known cell by its key's number and its text."""
        found = {}
        for number, (key, table) in enumerate(zip(self.keys, self.tables_, strict=True)):
            texts = self._cross(key).texts()
            # The lookup returns 0 for texts that it lacks, so cells of value 0 are left out.
            found.update({f"{number}:{texts[cell]}": float(table[cell]) for cell in np.flatnonzero(table)})
        return found

    def _fit_categories(self, X: pd.DataFrame, dates: NDArray[np.datetime64]) -> None:  # noqa: N803
        occurring = {name: occurring_categories(X[name]) for name in self.strings}
        self.categories_ = {HOUR: Categories(HOURS), **occurring}
        self.spans_years_ = bool(
            (dates.max() - dates.min()).astype("timedelta64[D]").astype(int) >= TWO_YEARS
        )

    def _codes(self, X: pd.DataFrame) -> dict[str, NDArray[Any]]:  # noqa: N803
        codes = {name: self.categories_[name].codes(X[name]) for name in self.strings}
        return {HOUR: hour_codes(X[self.time]), **codes}

    def _cross(self, key: Key) -> FeatureCross:
        return FeatureCross([self.categories_[name] for name in key])

    def _cells(self, key: Key, codes: dict[str, NDArray[Any]]) -> NDArray[np.int32]:
        return self._cross(key).cells([codes[name] for name in key])

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


def _with_unknown(table: NDArray[Any]) -> NDArray[np.float32]:
    """Sets the last cell, that of unknown categories, to 0."""
    table = table.astype(np.float32)
    table[-1] = 0
    return table
