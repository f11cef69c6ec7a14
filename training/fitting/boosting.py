"""Gradient boosting whose probabilities are calibrated per mask of unknown columns."""

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin

from training.fit_plan import Plan
from training.fitting.boosting_rounds import boost
from training.fitting.distributed import boost_distributed
from training.fitting.missing_value_augmentation import HiddenColumns

if TYPE_CHECKING:
    from lightgbm import Booster

MANY_ROWS = 1_000_000
ROWS_A_SAMPLE = 250
FEWEST_SAMPLES = 20
# Share of the trees that rows without any column that becomes known later do without: chosen on cuts in time
# inside the training rows, see docs/design/training.md.
SPARED_TREES = 0.5


class Boosting(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """LightGBM on rows whose later columns may be unknown.

    Args:
        later: Positions of the columns that become known later, in groups that become known together.
        plan: Seed, cluster, checkpoint and end of the fit.
        n_estimators: Number of trees when some row has each group of `later`; otherwise fewer, see `rounds`.
            This and the rest are LightGBM's parameters.
        num_leaves: Largest number of leaves of a tree.
        learning_rate: Shrinkage of each tree.
        min_child_samples: Smallest number of rows in a leaf; lowered when the training rows are few.
        max_bin: Largest number of bins of a feature.
        feature_fraction: Share of the features that a tree may use.
        lambda_l2: L2 regularization of the leaves.
    """

    def __init__(
        self,
        *,
        later: tuple[tuple[int, ...], ...],
        plan: Plan,
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

    def fit(  # noqa: D417  # X and y are scikit-learn's
        self,
        X: NDArray[np.float32],  # noqa: N803
        y: NDArray[Any],
        *,
        overwrite: bool = False,
        copied: bool = True,
    ) -> Self:
        """Fits the trees on the rows under all possible masks.

        Args:
            overwrite: Whether X may be changed, which saves a copy of many rows.
            copied: Whether few rows are copied under each mask; otherwise each has one that is drawn.

        Raises:
            TrainingError: When another machine of the cluster cannot be reached, or is lost.
        """
        self.classes_ = np.arange(2)
        self.masks_ = HiddenColumns(self.later)
        self.never_known_ = self.masks_.never_known(X)
        self.slopes_, self.intercepts_ = np.ones(len(self.masks_.all)), np.zeros(len(self.masks_.all))
        random = np.random.default_rng(self.plan.seed)
        rows, target = X, np.asarray(y)
        if copied:
            rows, target = self.masks_.augmented(X, target, random, overwrite=overwrite)
        else:
            rows = self.masks_.drawn(X, random, overwrite=overwrite)
        parameters, cluster = self._parameters(len(X)), self.plan.cluster
        if cluster:
            boost_distributed(
                rows, target, parameters=parameters, plan=self.plan, cluster=cluster, model=self
            )
        else:
            boost(rows, target, parameters=parameters, plan=self.plan, model=self)
        return self

    @property
    def rounds(self) -> int:
        """Number of trees, once `fit` knows the groups of `later` that no row has.

        What is known early tells little of the target: after the first trees, further ones learn the season
        of the training rows.
        """
        unknown = self.never_known_.bit_count() / max(len(self.later), 1)
        return max(round(self.n_estimators * (1 - SPARED_TREES * unknown)), 1)

    def calibrate(self, calibrations: dict[int, tuple[float, float]]) -> None:
        """Sets intercept and slope of the log-odds by mask."""
        for mask in self.masks_.all:
            possible = mask | self.never_known_
            if possible in calibrations:
                self.intercepts_[mask], self.slopes_[mask] = calibrations[possible]

    def log_odds(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: N803
        """Computes the uncalibrated log-odds, the sum of the trees: shape (n,)."""
        booster: Booster = self.booster_
        return np.asarray(booster.predict(X, raw_score=True, num_threads=self._threads(len(X))))

    def predict_proba(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: N803
        """Predicts calibrated probabilities of shape (n, 2)."""
        mask = self.masks_.of(X)
        positive = expit(self.intercepts_[mask] + self.slopes_[mask] * self.log_odds(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.intp]:  # noqa: N803
        """Predicts the likelier class: shape (n,)."""
        return np.asarray(self.predict_proba(X).argmax(axis=1))

    def _parameters(self, rows: int) -> dict[str, Any]:
        fewest = min(self.min_child_samples, max(FEWEST_SAMPLES, rows // ROWS_A_SAMPLE))
        return {
            "objective": "binary",
            "num_iterations": self.rounds,
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
        # LightGBM's threads wait for each other: with few rows one thread is as fast. 0 means all cores.
        return 1 if rows < MANY_ROWS else 0
