"""Gradient boosting of three quantiles, with a conformal correction per mask of unknown columns."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import lightgbm
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, RegressorMixin

from training.fitting.missing_value_augmentation import HiddenColumns

# A tenth of the rows, within these bounds: on the sample, more improved the pinball loss by less than 2 %.
FEWEST_QUANTILE_ROWS, MOST_QUANTILE_ROWS = 60_000, 150_000
QUANTILE_ROWS_SHARE = 10
FEWEST_LEAF_ROWS = 20
LARGEST_LEAF_SHARE = 500


class QuantileBoosting(RegressorMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """LightGBM's quantile objective at three levels, on rows whose later columns may be unknown.

    Predictions are sorted, so that quantiles never cross.
    Source: Chernozhukov, Fernandez-Val and Galichon, Quantile and probability curves without crossing, 2010.

    Args:
        levels: Probabilities of the three quantiles, in ascending order.
        later: Positions of the columns that become known later, in groups that become known together.
        seed: Seed of the drawn masks and features.
        n_estimators: Number of trees of each quantile; this and the rest are LightGBM's parameters.
        num_leaves: Largest number of leaves of a tree.
        learning_rate: Shrinkage of each tree.
        min_child_samples: Smallest number of rows in a leaf; lowered when the training rows are few.
        max_bin: Largest number of bins of a feature.
        feature_fraction: Share of the features that a tree may use.
    """

    def __init__(
        self,
        *,
        levels: tuple[float, float, float],
        later: tuple[tuple[int, ...], ...] = (),
        seed: int = 0,
        n_estimators: int = 60,
        num_leaves: int = 31,
        learning_rate: float = 0.2,
        min_child_samples: int = 200,
        max_bin: int = 63,
        feature_fraction: float = 0.5,
    ) -> None:
        self.levels = levels
        self.later = later
        self.seed = seed
        self.n_estimators = n_estimators
        self.num_leaves = num_leaves
        self.learning_rate = learning_rate
        self.min_child_samples = min_child_samples
        self.max_bin = max_bin
        self.feature_fraction = feature_fraction

    def fit(  # noqa: D417  # X and y are scikit-learn's
        self,
        X: NDArray[np.float32],  # noqa: N803
        y: NDArray[Any],
        *,
        among: NDArray[np.intp] | None = None,
    ) -> Self:
        """Fits the trees of each quantile on at most MOST_QUANTILE_ROWS rows, each under one drawn mask.

        Args:
            among: Positions of the rows to draw from; None for all.
        """
        random = np.random.default_rng(self.seed)
        size = len(X) if among is None else len(among)
        most = min(max(size // QUANTILE_ROWS_SHARE, FEWEST_QUANTILE_ROWS), MOST_QUANTILE_ROWS)
        rows = np.sort(random.choice(size, min(size, most), replace=False))
        rows = rows if among is None else among[rows]
        self.masks_ = HiddenColumns(self.later)
        matrix, target = self.masks_.drawn(X[rows], random), np.asarray(y)[rows]
        self.widths_ = np.zeros(len(self.masks_.all))
        parameters = self._parameters(len(rows))
        data = lightgbm.Dataset(matrix, target, params=parameters, free_raw_data=False).construct()
        # LightGBM releases the GIL; each fit has one thread, so that its sums have one order.
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            fits = [
                threads.submit(lightgbm.train, {**parameters, "alpha": level}, data, self.n_estimators)
                for level in self.levels
            ]
            self.boosters_ = [fit.result() for fit in fits]
        return self

    def correct(self, widths: Mapping[int, float]) -> None:
        """Sets by how much both ends of the range move outwards, by mask."""
        for mask, width in widths.items():
            self.widths_[mask] = width

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: N803
        """Predicts the quantiles in ascending order: shape (n, 3)."""
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            found = threads.map(lambda booster: booster.predict(X, num_threads=1), self.boosters_)
            raw = np.column_stack([*found])
        width = self.widths_[self.masks_.of(X)]
        raw[:, 0] -= width
        raw[:, -1] += width
        return np.sort(raw, axis=1)

    def _parameters(self, rows: int) -> dict[str, Any]:
        return {
            "objective": "quantile",
            "num_leaves": self.num_leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": min(
                self.min_child_samples, max(FEWEST_LEAF_ROWS, rows // LARGEST_LEAF_SHARE)
            ),
            "max_bin": self.max_bin,
            "feature_fraction": self.feature_fraction,
            "num_threads": 1,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
