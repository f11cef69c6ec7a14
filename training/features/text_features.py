"""Features of a row with free texts: those of its other columns, and TF-IDF of the words of each text."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin, clone

from training.features.tfidf import TfidfWords

# Cells of the dense matrix of words.
MOST_CELLS = 40_000_000
MOST_WORDS = 1_000
FEWEST_WORDS = 50


class WordsBeside(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The matrix of other features, and beside it a column for each word of each text.

    Args:
        features: Features of the other columns, unfitted; None when there are none.
        string_columns: Names of the columns of the graph's input `strings`.
        texts: Those that are texts.
    """

    def __init__(self, *, features: Any, string_columns: Sequence[str], texts: Sequence[str]) -> None:
        self.features = features
        self.string_columns = string_columns
        self.texts = texts

    def fit(self, X: pd.DataFrame, y: Any) -> Self:  # noqa: N803  # scikit-learn passes X by name
        """Fits the features and the vocabularies."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any, **_: Any) -> NDArray[np.float32]:  # noqa: N803
        """Fits, and encodes the rows."""
        most = min(MOST_WORDS, max(FEWEST_WORDS, MOST_CELLS // max(len(X), 1)))
        self.words_ = {
            name: TfidfWords(longest=1, rarest=min(5, len(X)), most=most).fit(X[[name]])
            for name in self.texts
        }
        self.features_ = None if self.features is None else clone(self.features)
        parts = [] if self.features_ is None else [self.features_.fit_transform(X, y)]
        return np.hstack([*parts, *self._words(X)])

    def transform(self, X: pd.DataFrame) -> NDArray[np.float32]:  # noqa: N803
        """Encodes rows as a float32 matrix of shape (rows, width)."""
        parts = [] if self.features_ is None else [self.features_.transform(X)]
        return np.hstack([*parts, *self._words(X)])

    @property
    def width(self) -> int:
        """Number of columns of the matrix."""
        words = sum(len(one.vectorizer_.vocabulary_) for one in self.words_.values())
        return words + (0 if self.features_ is None else self.features_.width)

    def _words(self, X: pd.DataFrame) -> list[NDArray[np.float32]]:  # noqa: N803
        return [
            np.asarray(words.transform(X[[name]]).todense(), dtype=np.float32)
            for name, words in self.words_.items()
        ]
