"""Gradient boosting of any task, with its calibration: LightGBM for the models of users' own tables."""

from typing import Any, Self

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

MOST_TREE_ROWS = 1_000_000
_MANY_ROWS = 1_000_000
# From so many columns on, histograms are faster column by column; the trees are the same.
MANY_COLUMNS = 100
# Loss that a round must gain.
SMALLEST_GAIN = 1e-5


class TableTrees(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """LightGBM, whose raw scores become `intercept + slope * score` before the sigmoid or softmax.

    Args:
        rounds: Number of rounds; each grows one tree, of several classes one for each.
        leaves: Largest number of leaves of a tree.
        rate: Shrinkage of each tree.
        fewest: Smallest number of rows in a leaf.
        share: Share of the features that a tree may use.
        l2: L2 regularization of the leaves.
        slope: Slope of the calibration.
        intercept: Intercept of the calibration.
        seed: Seed of the random numbers.
    """

    def __init__(
        self,
        *,
        rounds: int = 100,
        leaves: int = 31,
        rate: float = 0.05,
        fewest: int = 20,
        share: float = 0.8,
        l2: float = 1.0,
        slope: float = 1.0,
        intercept: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.rounds = rounds
        self.leaves = leaves
        self.rate = rate
        self.fewest = fewest
        self.share = share
        self.l2 = l2
        self.slope = slope
        self.intercept = intercept
        self.seed = seed

    def fit(
        self,
        X: NDArray[np.float32],  # noqa: N803  # scikit-learn passes X by name
        y: Any,
        *,
        held_out: tuple[NDArray[np.float32], NDArray[Any]] | None = None,
        patience: int = 50,
    ) -> Self:
        """Grows the trees; with held-out rows, no more rounds than they gain from."""
        target = np.asarray(y)
        self._describe(target)
        rows = self._sampled(len(target))
        parameters = self._parameters(len(rows), X.shape[1])
        grown_on = lightgbm.Dataset(X[rows], self._labels(target[rows]), params=parameters)
        watched: dict[str, Any] = {}
        if held_out is not None:
            matrix, labels = held_out
            watched = {
                # The trees after the best round are kept, so that other numbers of rounds can be measured.
                "keep_training_booster": True,
                "valid_sets": [grown_on.create_valid(matrix, self._labels(labels))],
                "callbacks": [lightgbm.early_stopping(patience, verbose=False, min_delta=SMALLEST_GAIN)],
            }
        self.booster_ = lightgbm.train(parameters, grown_on, self.rounds, **watched)
        self.rounds_ = self.booster_.best_iteration if held_out is not None else self.rounds
        return self

    def grow(self, rounds: int) -> None:
        """Grows more trees, up to so many rounds; they are those of a fit of so many rounds."""
        while self.booster_.current_iteration() < rounds:
            if self.booster_.update():
                # No row of the training gains from another tree.
                break

    def scores(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: N803
        """Computes the sums of the trees: shape (n, 1), or (n, classes) of several classes."""
        threads = 1 if len(X) < _MANY_ROWS else 0
        found = self.booster_.predict(X, raw_score=True, num_iteration=self.rounds_, num_threads=threads)
        return np.asarray(found, dtype=np.float64).reshape(len(X), -1)

    def _describe(self, target: NDArray[Any]) -> None:
        """Keeps what the fit needs of the target."""
        raise NotImplementedError

    def _labels(self, target: NDArray[Any]) -> NDArray[Any]:
        return target

    def _objective(self) -> dict[str, Any]:
        raise NotImplementedError

    def _sampled(self, count: int) -> NDArray[np.intp]:
        if count <= MOST_TREE_ROWS:
            return np.arange(count)
        random = np.random.default_rng(self.seed)
        return np.sort(random.choice(count, MOST_TREE_ROWS, replace=False, shuffle=False))

    def _parameters(self, rows: int, columns: int) -> dict[str, Any]:
        return {
            **self._objective(),
            "force_col_wise" if columns >= MANY_COLUMNS else "force_row_wise": True,
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            "min_data_in_leaf": self.fewest,
            "min_data_in_bin": 3 if rows > 1_000 else 1,
            "feature_fraction": self.share,
            "lambda_l2": self.l2,
            "feature_pre_filter": False,
            "num_threads": 1 if rows < _MANY_ROWS else 0,
            "seed": self.seed,
            "deterministic": True,
            "verbosity": -1,
        }


class TableTreesClassifier(ClassifierMixin, TableTrees):  # type: ignore[misc]
    """`TableTrees` of two or more classes."""

    def predict_proba(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: N803
        """Predicts calibrated probabilities of shape (n, classes)."""
        scores = self.intercept + self.slope * self.scores(X)
        if len(self.classes_) > 2:
            return np.asarray(softmax(scores, axis=1))
        return np.column_stack([expit(-scores[:, 0]), expit(scores[:, 0])])

    def predict(self, X: NDArray[np.float32]) -> NDArray[Any]:  # noqa: N803
        """Predicts the likeliest class: shape (n,)."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def _describe(self, target: NDArray[Any]) -> None:
        self.classes_ = np.arange(target.max() + 1)

    def _objective(self) -> dict[str, Any]:
        count = len(self.classes_)
        return {"objective": "binary"} if count <= 2 else {"objective": "multiclass", "num_class": count}


class TableTreesRegressor(RegressorMixin, TableTrees):  # type: ignore[misc]
    """`TableTrees` of a number, which the trees know in standard deviations from its mean."""

    def predict(self, X: NDArray[np.float32]) -> NDArray[np.float64]:  # noqa: N803
        """Predicts values of shape (n,)."""
        return np.asarray(self.mean_ + self.deviation_ * self.scores(X)[:, 0])

    def _describe(self, target: NDArray[Any]) -> None:
        self.mean_ = float(target.mean())
        self.deviation_ = float(target.std()) or 1.0

    def _labels(self, target: NDArray[Any]) -> NDArray[Any]:
        return (target - self.mean_) / self.deviation_

    def _objective(self) -> dict[str, Any]:
        return {"objective": "regression"}
