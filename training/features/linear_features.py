"""Features of a linear model: standardized numbers and one-hot encoded codes."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

MAX_CATEGORIES = 100
MINUTES_AN_HOUR = 60


class LinearFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Standardized numbers, each absent one replaced by the mean and marked, and one-hot encoded codes.

    A string has a column for each of its 100 most frequent values, the last one for all others if there are
    more. An hour or a day of the week has a column for each value, NaN included, that occurs in the rows.

    Args:
        number_columns: Names of the columns of the graph's input `numbers`.
        string_columns: Names of the columns of the graph's input `strings`.
        numbers: Columns to standardize.
        hours: Columns in minutes, whose hour is encoded.
        weekdays: Columns with few distinct numbers.
        strings: Columns of strings to encode.
    """

    def __init__(
        self,
        *,
        number_columns: Sequence[str],
        string_columns: Sequence[str],
        numbers: Sequence[str],
        hours: Sequence[str],
        weekdays: Sequence[str],
        strings: Sequence[str],
    ) -> None:
        self.number_columns = number_columns
        self.string_columns = string_columns
        self.numbers = numbers
        self.hours = hours
        self.weekdays = weekdays
        self.strings = strings

    def fit(self, X: pd.DataFrame, y: Any = None) -> Self:  # noqa: N803  # scikit-learn passes X by name
        """Fits means, deviations and categories."""
        del y
        numbers = _numbers(X, self.numbers)
        self.absent_ = np.flatnonzero(np.isnan(numbers).any(axis=0))
        marks = np.isnan(numbers[:, self.absent_])
        count = np.maximum((~np.isnan(numbers)).sum(axis=0), 1)
        self.means_ = np.nansum(numbers, axis=0) / count
        table = np.hstack([np.where(np.isnan(numbers), self.means_, numbers), marks])
        # The marks are standardized too, because the regression penalizes all coefficients alike.
        self.means_ = np.concatenate([self.means_, marks.mean(axis=0)])
        deviations = table.std(axis=0)
        self.scales_ = np.where(deviations > 0, deviations, 1.0)
        self.codes_ = {
            name: np.unique(_codes(X, name, hour=name in self.hours))
            for name in (*self.hours, *self.weekdays)
        }
        self.categories_, self.has_others_ = {}, {}
        for name in self.strings:
            counts = pd.Series(X[name]).value_counts()
            counts = counts[counts > 0]
            self.has_others_[name] = len(counts) > MAX_CATEGORIES
            kept = counts.index[: MAX_CATEGORIES - 1 if self.has_others_[name] else MAX_CATEGORIES]
            self.categories_[name] = sorted(map(str, kept))
        return self

    def transform(self, X: pd.DataFrame) -> NDArray[np.float32]:  # noqa: N803
        """Encodes rows as a float32 matrix of shape (rows, width)."""
        table = np.zeros((len(X), self.width), dtype=np.float32)
        numbers = _numbers(X, self.numbers)
        marks = np.isnan(numbers)
        size = len(self.means_)
        table[:, :size] = (np.hstack([numbers, marks[:, self.absent_]]) - self.means_) / self.scales_
        table[:, : len(self.numbers)][marks] = 0
        for start, positions in zip(self._starts(), self._positions(X), strict=True):
            known = np.flatnonzero(positions >= 0)
            table[known, start + positions[known]] = 1
        return table

    @property
    def width(self) -> int:
        """Number of columns of the matrix."""
        return len(self.means_) + sum(self._widths())

    def _widths(self) -> list[int]:
        codes = [len(self.codes_[name]) for name in (*self.hours, *self.weekdays)]
        return codes + [len(self.categories_[name]) + self.has_others_[name] for name in self.strings]

    def _starts(self) -> list[int]:
        return (len(self.means_) + np.cumsum([0, *self._widths()[:-1]])).tolist() if self._widths() else []

    def _positions(self, X: pd.DataFrame) -> Iterator[NDArray[np.intp]]:  # noqa: N803
        """Yields the position of each row's category among those of its column, -1 for none."""
        for name in (*self.hours, *self.weekdays):
            yield pd.Index(self.codes_[name]).get_indexer(_codes(X, name, hour=name in self.hours))
        for name in self.strings:
            values = X[name].astype("category").cat
            by_code = pd.Index(self.categories_[name]).get_indexer(values.categories)
            if self.has_others_[name]:
                by_code[by_code < 0] = len(self.categories_[name])
            yield by_code[values.codes.to_numpy()]


def _numbers(rows: pd.DataFrame, names: Sequence[str]) -> NDArray[np.float64]:
    return np.asarray(rows[list(names)], dtype=np.float64)


def _codes(rows: pd.DataFrame, name: str, *, hour: bool) -> NDArray[np.float64]:
    values = np.asarray(rows[name], dtype=np.float64)
    return np.asarray(np.floor(values / MINUTES_AN_HOUR)) if hour else values
