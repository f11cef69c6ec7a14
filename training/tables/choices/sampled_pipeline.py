"""Pipeline that is fitted on a sample of very many rows."""

import warnings
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.linalg import LinAlgWarning
from sklearn.pipeline import Pipeline

from training.data.split import evenly

MOST_LINEAR_ROWS = 1_000_000


class SampledPipeline(Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """A pipeline that fits on at most a million rows, spread evenly.

    A linear model has few coefficients, which more rows hardly change, and its one-hot matrix of all rows
    would not fit in memory.
    """

    def fit(self, X: pd.DataFrame, y: Any = None, **parameters: Any) -> Self:  # noqa: N803
        """Fits on the sample: X has the shape (n, columns), y (n,)."""
        rows = evenly(len(X), MOST_LINEAR_ROWS)
        if len(rows) < len(X):
            X, y = X.iloc[rows], np.asarray(y)[rows]  # noqa: N806
        with warnings.catch_warnings():
            # Columns that depend on each other: the fit is measured on test rows as any other.
            warnings.simplefilter("ignore", LinAlgWarning)
            super().fit(X, y, **parameters)
        return self
