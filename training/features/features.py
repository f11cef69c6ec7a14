"""The numbers a model's trees are grown on, from the frame of its fields."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

from training.features.holiday import FARTHEST, day_keys, distances
from training.features.keys import HOUR, HOURS, Axis, Cells, Key, axis_of, hour_codes
from training.features.rates import Rates, beyond_the_day, weekly_folds

TWO_YEARS = 730
CALENDAR = ("month", "day", "day_of_week")


class Features(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Numbers as they are, how often each category comes out positive, and how many rows a day it has.

    The calendar joins when the rows span two years: within one, a date happens once, and its troubles would
    be taken for the calendar's.

    Args:
        numbers: Names of the frame's number columns, in order.
        strings: Names of its string columns, in order.
        passed: The numbers that are features by themselves.
        date: The field whose parts make the calendar.
        time: The number column, minutes since midnight, that `HOUR` in a key means.
        rates: Keys, one or two of the string columns or `HOUR`, whose rate of positives is a feature.
        counts: Keys whose number of rows a day is a feature.
        smoothing: How many rows of no news each rate is mixed with.
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
        """Learns the tables of all keys."""
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
        """Learns from all rows, and gives the features of some (by default of all).

        No rate of a row knows its own outcome: it is that of the other weeks.

        Args:
            dates: The day of each row.
            rows: Positions of those rows.
        """
        rows = np.arange(len(X)) if rows is None else rows
        self._learn_axes(X, dates)
        codes, days = self._codes(X), np.unique(dates).size
        target, folds = beyond_the_day(np.asarray(y, dtype=np.float64), dates), weekly_folds(dates)
        self.tables_: list[NDArray[np.float32]] = []
        features = [X[name].to_numpy()[rows] for name in self.passed]
        for key in self.rates:
            cells, where = self._cells(key), self._where(key, codes)
            rate = Rates(where, size=cells.size, target=target, folds=folds, smoothing=self.smoothing)
            self.tables_.append(_with_unknown(rate.table()))
            features.append(rate.out_of_fold(where[rows], folds[rows]))
        for key in self.counts:
            where = self._where(key, codes)
            table = np.bincount(where, minlength=self._cells(key).size) / days
            self.tables_.append(_with_unknown(table))
            features.append(self.tables_[-1][where[rows]])
        return np.column_stack([*features, *self._calendar(X.iloc[rows])])

    def transform(self, X: pd.DataFrame) -> NDArray[np.float32]:  # noqa: N803
        """The features of each row, float32: what is passed, rates, counts, and two of the calendar."""
        codes = self._codes(X)
        features = [X[name].to_numpy() for name in self.passed]
        for key, table in zip(self.keys, self.tables_, strict=True):
            features.append(table[self._where(key, codes)])
        return np.column_stack([*features, *self._calendar(X)])

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys in the order of their features."""
        return (*self.rates, *self.counts)

    @property
    def positions(self) -> list[int]:
        """Where each feature stands in the graph: all numbers, the keys' values, the holidays'."""
        end = len(self.numbers) + len(self.keys)
        calendar = [self.numbers.index(f"{self.date}_day_of_year"), end] if self.spans_years_ else []
        return [*map(self.numbers.index, self.passed), *range(len(self.numbers), end), *calendar]

    def entries(self) -> dict[str, float]:
        """The value of every known key, as the graph looks it up: by the key's number and its text."""
        found = {}
        for number, (key, table) in enumerate(zip(self.keys, self.tables_, strict=True)):
            texts = self._cells(key).texts()
            # What never happened is worth what the unknown is worth, and need not be carried.
            found.update({f"{number}:{texts[cell]}": float(table[cell]) for cell in np.flatnonzero(table)})
        return found

    def _learn_axes(self, X: pd.DataFrame, dates: NDArray[np.datetime64]) -> None:  # noqa: N803
        self.axes_ = {HOUR: Axis(HOURS), **{name: axis_of(X[name]) for name in self.strings}}
        self.spans_years_ = bool(
            (dates.max() - dates.min()).astype("timedelta64[D]").astype(int) >= TWO_YEARS
        )

    def _codes(self, X: pd.DataFrame) -> dict[str, NDArray[np.int32]]:  # noqa: N803
        codes = {name: self.axes_[name].codes(X[name]) for name in self.strings}
        return {HOUR: hour_codes(X[self.time]), **codes}

    def _cells(self, key: Key) -> Cells:
        return Cells([self.axes_[name] for name in key])

    def _where(self, key: Key, codes: dict[str, NDArray[np.int32]]) -> NDArray[np.int32]:
        return self._cells(key).of([codes[name] for name in key])

    def _calendar(self, X: pd.DataFrame) -> list[NDArray[Any]]:  # noqa: N803
        if not self.spans_years_:
            return []
        keys = day_keys(*(X[f"{self.date}_{part}"].to_numpy().astype(np.intp) for part in CALENDAR))
        table = distances()
        distinct, where = np.unique(keys, return_inverse=True)
        away = np.array([table.get(int(key), FARTHEST) for key in distinct], dtype=np.float32)
        return [X[f"{self.date}_day_of_year"].to_numpy(), away[where]]


def _with_unknown(table: NDArray[Any]) -> NDArray[np.float32]:
    """The table with 0 in its last cell, that of the unknown."""
    table = table.astype(np.float32)
    table[-1] = 0
    return table
