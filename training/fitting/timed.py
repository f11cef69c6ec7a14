"""Features and boosting, fitted on rows in time."""

import copy
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from training.errors import TrainingError
from training.features.features import Features
from training.fitting.boosting import Boosting
from training.fitting.calibration import blocks_of_time, calibration

MOST_GROWN_ON = 2_500_000
MOST_CALIBRATED_ON = 60_000


class TimedPipeline(Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """`Features`, then `Boosting`, which is calibrated on blocks of time that it was not fitted on.

    Tables are learned from all rows; trees from as many as they gain by, drawn evenly.
    """

    def fit(self, X: pd.DataFrame, y: Any, *, dates: NDArray[np.datetime64] | None) -> Self:  # noqa: N803
        """Fits both steps.

        Raises:
            TrainingError: When the rows have no dates or all the same label.
        """
        target = np.asarray(y)
        if dates is None or len(np.unique(target)) < 2:
            raise TrainingError("The model cannot be fitted: its rows need dates, and labels of both kinds.")
        features, trees = (step for _, step in self.steps)
        rows = _drawn(len(target), MOST_GROWN_ON, trees.plan.seed)
        matrix = features.fit_transform(X, target, dates=dates, rows=rows)
        trees.positions_ = features.positions
        trees.fit(matrix, target[rows])
        if trees.plan.calibrated and not trees.plan.stopping():
            rows = _drawn(len(target), MOST_CALIBRATED_ON, trees.plan.seed)
            trees.calibrate(_calibrations(features, trees, X.iloc[rows], target[rows], dates[rows]))
        return self


def _calibrations(
    features: Features,
    trees: Boosting,
    X: pd.DataFrame,  # noqa: N803  # as scikit-learn calls it
    target: NDArray[np.intp],
    dates: NDArray[np.datetime64],
) -> dict[int, tuple[float, float]]:
    """Intercept and slope by view."""
    blocks = blocks_of_time(dates)
    if blocks is None:
        return {}
    log_odds: dict[int, NDArray[np.float64]] = {}
    for block in np.unique(blocks):
        inside = blocks == block
        for view, values in _held_out(features, trees, X, target, dates, inside).items():
            log_odds.setdefault(view, np.zeros(len(target)))[inside] = values
    return {view: calibration(values, target, blocks) for view, values in log_odds.items()}


def _held_out(
    features: Features,
    trees: Boosting,
    X: pd.DataFrame,  # noqa: N803
    target: NDArray[np.intp],
    dates: NDArray[np.datetime64],
    inside: NDArray[np.bool_],
) -> dict[int, NDArray[np.float64]]:
    """The log-odds by view of the rows inside, by a model of those outside."""
    features, trees = copy.copy(features), copy.copy(trees)
    trees.plan = trees.plan.alone()
    trees.fit(features.fit_transform(X[~inside], target[~inside], dates=dates[~inside]), target[~inside])
    matrix = features.transform(X[inside])
    views = trees.views_.possible(matrix)
    return {view: trees.log_odds(trees.views_.seen(matrix, view)) for view in views}


def _drawn(count: int, most: int, seed: int) -> NDArray[np.intp]:
    """Positions of at most so many rows, in order."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False, shuffle=False))
