"""Features of trees: numbers as they are, strings as one-hot codes or as the mean targets of their values."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin

MOST_ONE_HOT = 12
MOST_MEANS_CLASSES = 10
# Values of a string with a mean of their own; the others have the mean of all rows.
MOST_MEANS = 20_000
FEWEST_ROWS_A_MEAN = 3
# Rows of the mean of all that are added to those of a value.
PRIOR_ROWS = 10.0
_FOLDS = 4


class TreeFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Numbers, NaN where absent, and codes of strings.

    A string of at most 12 values has a column for each. Another one has its mean target, for each class but
    one; in training a row's mean is that of rows in other folds, so that it does not know its own target.
    Source: Micci-Barreca, A preprocessing scheme for high-cardinality categorical attributes, 2001.

    Args:
        number_columns: Names of the columns of the graph's input `numbers`.
        string_columns: Names of the columns of the graph's input `strings`.
        numbers: Columns of numbers to use.
        strings: Columns of strings to use.
        classes: Number of classes; 0 in a regression.
    """

    def __init__(
        self,
        *,
        number_columns: Sequence[str],
        string_columns: Sequence[str],
        numbers: Sequence[str],
        strings: Sequence[str],
        classes: int,
    ) -> None:
        self.number_columns = number_columns
        self.string_columns = string_columns
        self.numbers = numbers
        self.strings = strings
        self.classes = classes

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803  # scikit-learn passes X by name
        """Fits the categories and the means."""
        targets = self._targets(np.asarray(y))
        self.priors_ = targets.mean(axis=0).astype(np.float32)
        self.categories_: dict[str, list[str]] = {}
        self.means_: dict[str, dict[str, NDArray[np.float32]]] = {}
        for name in self.strings:
            values = X[name].astype("category").cat
            counts = np.bincount(values.codes, minlength=len(values.categories))
            texts = values.categories.to_numpy()
            if (counts > 0).sum() <= MOST_ONE_HOT or self.classes > MOST_MEANS_CLASSES:
                order = np.argsort(-counts, kind="stable")[: 100 if self.classes else MOST_ONE_HOT]
                self.categories_[name] = sorted(str(texts[one]) for one in order if counts[one])
            else:
                means = _means(values.codes.to_numpy(), len(texts), targets, self.priors_)
                kept = np.argsort(-counts, kind="stable")[:MOST_MEANS]
                self.means_[name] = {
                    str(texts[one]): means[one] for one in kept if counts[one] >= FEWEST_ROWS_A_MEAN
                }
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any, **_: Any) -> NDArray[np.float32]:  # noqa: N803
        """Fits, and encodes the rows with the means of the other folds."""
        table = self.fit(X, y).transform(X)
        targets = self._targets(np.asarray(y))
        folds = np.random.default_rng(0).integers(_FOLDS, size=len(X))
        width = targets.shape[1]
        start = len(self.numbers) + sum(map(len, self.categories_.values()))
        for number, name in enumerate(self.means_):
            values = X[name].astype("category").cat
            codes, size = values.codes.to_numpy(), len(values.categories)
            columns = slice(start + number * width, start + (number + 1) * width)
            for fold in range(_FOLDS):
                outside = folds != fold
                prior = targets[outside].mean(axis=0)
                means = _means(codes[outside], size, targets[outside], prior)
                table[~outside, columns] = means[codes[~outside]]
        return table

    def transform(self, X: pd.DataFrame) -> NDArray[np.float32]:  # noqa: N803
        """Encodes rows as a float32 matrix of shape (rows, width)."""
        return np.hstack([np.asarray(X[list(self.numbers)], dtype=np.float32), *self._codes(X)])

    @property
    def width(self) -> int:
        """Number of columns of the matrix."""
        one_hot = sum(map(len, self.categories_.values()))
        return len(self.numbers) + one_hot + len(self.means_) * len(self.priors_)

    def _codes(self, X: pd.DataFrame) -> Iterator[NDArray[np.float32]]:  # noqa: N803
        for name, categories in self.categories_.items():
            values = X[name].astype("category").cat
            position = pd.Index(categories).get_indexer(values.categories)
            table = np.zeros((len(values.categories), len(categories)), dtype=np.float32)
            table[position >= 0, position[position >= 0]] = 1
            yield table[values.codes]
        for name, means in self.means_.items():
            values = X[name].astype("category").cat
            table = np.array([means.get(str(text), self.priors_) for text in values.categories])
            yield table.reshape(-1, len(self.priors_)).astype(np.float32)[values.codes]

    def _targets(self, target: NDArray[Any]) -> NDArray[np.float64]:
        """Returns the columns whose means are computed: of each class but the first, or the value."""
        if not self.classes:
            return target.astype(np.float64).reshape(-1, 1)
        return np.asarray(target[:, None] == np.arange(1, self.classes), dtype=np.float64)


def _means(
    codes: NDArray[Any], size: int, targets: NDArray[np.float64], prior: NDArray[Any]
) -> NDArray[np.float32]:
    """Computes the mean targets of each code, drawn to the prior where rows are few."""
    counts = np.bincount(codes, minlength=size)
    sums = np.column_stack([np.bincount(codes, weights=column, minlength=size) for column in targets.T])
    means = (sums + PRIOR_ROWS * prior) / (counts + PRIOR_ROWS)[:, None]
    return np.asarray(means, dtype=np.float32)
