"""Gradient boosting, its probabilities calibrated in each view."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin

from training.fitting.growth import grow
from training.fitting.masks import Views

if TYPE_CHECKING:
    from lightgbm import Booster

    from training.plan import Plan

MANY_ROWS = 1_000_000
ROWS_A_SAMPLE = 250
FEWEST_SAMPLES = 20


class Boosting(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """LightGBM on rows of which more is known as time goes by.

    Args:
        later: Positions of the columns that become known together, a group each.
        plan: How to fit.
        n_estimators: How many trees; this and the rest as LightGBM names them.
        num_leaves: Leaves of a tree.
        learning_rate: How far each tree goes.
        min_child_samples: Rows in a leaf; fewer when the rows to learn from are few.
        max_bin: Bins of a feature.
        feature_fraction: Share of the features that a tree may use.
        lambda_l2: How much leaves are held back.
    """

    def __init__(
        self,
        *,
        later: tuple[tuple[int, ...], ...],
        plan: "Plan",
        n_estimators: int,
        num_leaves: int,
        learning_rate: float,
        min_child_samples: int,
        max_bin: int,
        feature_fraction: float,
        lambda_l2: float,
    ) -> None:
        self.later = later
        self.plan = plan
        self.n_estimators = n_estimators
        self.num_leaves = num_leaves
        self.learning_rate = learning_rate
        self.min_child_samples = min_child_samples
        self.max_bin = max_bin
        self.feature_fraction = feature_fraction
        self.lambda_l2 = lambda_l2

    def fit(self, X: NDArray[np.float32], y: NDArray[Any]) -> Self:  # noqa: N803
        """Grows the trees on the rows in all their views.

        Raises:
            TrainingError: When the other machines cannot be reached, or are lost.
        """
        self.classes_ = np.arange(2)
        self.views_ = Views(self.later)
        self.never_ = self.views_.never(X)
        self.slopes_, self.intercepts_ = np.ones(len(self.views_.all)), np.zeros(len(self.views_.all))
        rows, target = self.views_.spread(X, np.asarray(y), np.random.default_rng(self.plan.seed))
        grow(rows, target, parameters=self._parameters(len(X)), plan=self.plan, model=self)
        return self

    def calibrate(self, slopes: dict[int, tuple[float, float]]) -> None:
        """Sets intercept and slope of the log-odds in the views that there are."""
        for view in self.views_.all:
            known = view | self.never_
            if known in slopes:
                self.intercepts_[view], self.slopes_[view] = slopes[known]

    def log_odds(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: N803
        """The sum of the trees, as yet uncalibrated."""
        booster: Booster = self.booster_
        return np.asarray(booster.predict(X, raw_score=True, num_threads=self._threads(len(X))))

    def predict_proba(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: N803
        """Probabilities of shape (n, 2)."""
        view = self.views_.of(X)
        positive = expit(self.intercepts_[view] + self.slopes_[view] * self.log_odds(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.intp]:  # noqa: N803
        """The likelier class."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def _parameters(self, rows: int) -> dict[str, Any]:
        fewest = min(self.min_child_samples, max(FEWEST_SAMPLES, rows // ROWS_A_SAMPLE))
        return {
            "objective": "binary",
            "num_iterations": self.n_estimators,
            "num_leaves": self.num_leaves,
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": fewest,
            "max_bin": self.max_bin,
            "feature_fraction": self.feature_fraction,
            "lambda_l2": self.lambda_l2,
            "num_threads": self._threads(rows),
            "seed": self.plan.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def _threads(self, rows: int) -> int:
        # Threads wait for each other: with few rows, or on a busy machine, one is as fast. 0 means all.
        return 1 if rows < MANY_ROWS else 0
