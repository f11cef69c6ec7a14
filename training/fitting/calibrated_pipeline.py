"""Pipeline of features and gradient boosting, calibrated on blocks of time."""

import copy
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.pipeline import Pipeline

from training.errors import TrainingError
from training.features.features import Features
from training.fitting.boosting import Boosting

MOST_GROWN_ON = 1_250_000
# Models that are fitted on few rows are worse than the one they calibrate, so its slope becomes too small. On
# flights of the whole country, 240,000 rows instead of 60,000 improved the Brier score of later months by
# .0004 to .0007.
FEWEST_CALIBRATED_ON, MOST_CALIBRATED_ON = 60_000, 240_000
CALIBRATED_SHARE = 16
BLOCKS = 4
FEWEST_DAYS = 28
FEWEST_ROWS = 4_000
SMALLEST_SLOPE = 0.1
NEWTON_STEPS = 50
NEWTON_TOLERANCE = 1e-10


class CalibratedPipeline(Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """`Features`, then `Boosting`, which is calibrated on held-out blocks of time.

    Target encoding is fitted on all rows; trees on at most `MOST_GROWN_ON`: twice as many improved
    the ROC AUC by as much as another seed does (.0003), in twice the time.

    Attributes:
        takes_training_columns: That X may be `TrainingColumns` instead of a data frame.
    """

    takes_training_columns = True

    def fit(self, X: pd.DataFrame, y: Any, *, dates: NDArray[np.datetime64] | None) -> Self:  # noqa: N803
        """Fits both steps; `dates` has the day of each row.

        Raises:
            TrainingError: When the rows have no dates, or all have the same label.
        """
        target = np.asarray(y)
        if dates is None or len(np.unique(target)) < 2:
            raise TrainingError(
                "The model cannot be fitted: its rows need dates, and labels of both classes."
            )
        features, trees = (step for _, step in self.steps)
        rows = _sampled(len(target), MOST_GROWN_ON, trees.plan.seed)
        matrix = features.fit_transform(X, target, dates=dates, rows=rows)
        trees.positions_ = features.positions
        with _held_out_fits(features, trees, X, target, dates) as held_out:
            trees.fit(matrix, target[rows], overwrite=True)
            if not trees.plan.stopping():
                trees.calibrate(held_out.calibrations())
        return self


@dataclass(frozen=True, kw_only=True)
class _HeldOut:
    """Log-odds by mask of the rows in each block of time, by models that were fitted on the other blocks."""

    target: NDArray[np.intp]
    blocks: NDArray[np.intp]
    log_odds: list[Future[dict[int, NDArray[np.float64]]]]

    def calibrations(self) -> dict[int, tuple[float, float]]:
        """Fits intercept and slope by mask, after it has waited for the models."""
        joined: dict[int, NDArray[np.float64]] = {}
        for block, future in enumerate(self.log_odds):
            for mask, values in future.result().items():
                joined.setdefault(mask, np.zeros(len(self.target)))[self.blocks == block] = values
        return {mask: fit_calibration(values, self.target, self.blocks) for mask, values in joined.items()}


@contextmanager
def _held_out_fits(
    features: Features,
    trees: Boosting,
    X: pd.DataFrame,  # noqa: N803  # as scikit-learn calls it
    target: NDArray[np.intp],
    dates: NDArray[np.datetime64],
) -> Iterator[_HeldOut]:
    """Fits one model a block of time in threads, next to the caller's fit; LightGBM releases the GIL.

    There are none without calibration, or when rows or days are too few for blocks. They end early when the
    caller's fit raises.
    """
    rows = _sampled(len(target), _calibrated_on(len(target)), trees.plan.seed)
    sampled, target, dates = X.take(rows), target[rows], dates[rows]
    blocks = blocks_of_time(dates) if trees.plan.calibrated else None
    if blocks is None:
        yield _HeldOut(target=target, blocks=np.zeros_like(target), log_odds=[])
        return
    plan, ended = trees.plan.alone(), threading.Event()
    # Of so many rows the trees learn each under one drawn mask, and so do those that calibrate them.
    copied = len(X) <= MOST_GROWN_ON
    trees = copy.copy(trees)
    trees.plan = replace(plan, stopping=lambda: ended.is_set() or plan.stopping())
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1)) as threads:
        fits = [
            threads.submit(_held_out, features, trees, sampled, target, dates, blocks == block, copied)
            for block in range(BLOCKS)
        ]
        try:
            yield _HeldOut(target=target, blocks=blocks, log_odds=fits)
        finally:
            ended.set()
            threads.shutdown(wait=False, cancel_futures=True)


def _held_out(
    features: Features,
    trees: Boosting,
    X: pd.DataFrame,  # noqa: N803
    target: NDArray[np.intp],
    dates: NDArray[np.datetime64],
    inside: NDArray[np.bool_],
    copied: bool,
) -> dict[int, NDArray[np.float64]]:
    """Predicts the log-odds of the rows inside, by mask, with a model fitted on the rows outside."""
    features, trees = copy.copy(features), copy.copy(trees)
    outside = features.fit_transform(X[~inside], target[~inside], dates=dates[~inside])
    trees.fit(outside, target[~inside], copied=copied)
    matrix = features.transform(X[inside])
    masks = trees.masks_
    return {mask: trees.log_odds(masks.masked(matrix, mask)) for mask in masks.possible(matrix)}


def _calibrated_on(count: int) -> int:
    return min(max(count // CALIBRATED_SHARE, FEWEST_CALIBRATED_ON), MOST_CALIBRATED_ON)


def _sampled(count: int, most: int, seed: int) -> NDArray[np.intp]:
    """Draws the positions of at most so many rows, in ascending order."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False, shuffle=False))


def blocks_of_time(dates: NDArray[np.datetime64]) -> NDArray[np.intp] | None:
    """The block of time of each row: four blocks of equally many days, which are the seasons of a year.

    None when the rows or days are too few for a calibration by blocks.
    """
    days = np.unique(dates)
    if len(days) < FEWEST_DAYS or len(dates) < FEWEST_ROWS:
        return None
    return np.searchsorted(days, dates) * BLOCKS // len(days)


def fit_calibration(
    log_odds: NDArray[np.float64], target: NDArray[np.intp], blocks: NDArray[np.intp]
) -> tuple[float, float]:
    """Fits intercept and slope of held-out log-odds, apart from the level of their block.

    The level of delays in one block does not predict that of the next: the slope is fitted together with one
    free intercept a block, and the returned intercept keeps the mean prediction unchanged.
    Source: Platt, Probabilistic outputs for support vector machines, 1999; the free intercepts are ours.
    """
    slope = max(_slope(log_odds, target, blocks), SMALLEST_SLOPE)
    return _intercept(log_odds, slope), slope


def _slope(log_odds: NDArray[np.float64], target: NDArray[np.intp], blocks: NDArray[np.intp]) -> float:
    """Fits a logistic regression by Newton's method."""
    factors = np.column_stack([log_odds, *(blocks == block for block in range(BLOCKS))]).astype(np.float64)
    weights = np.zeros(factors.shape[1])
    for _ in range(NEWTON_STEPS):
        expected = expit(factors @ weights)
        curvature = factors.T @ (factors * (expected * (1 - expected))[:, None])
        step = np.linalg.solve(curvature + 1e-6 * np.eye(len(weights)), factors.T @ (target - expected))
        weights += step
        if np.abs(step).max() < NEWTON_TOLERANCE:
            break
    return float(weights[0])


def _intercept(log_odds: NDArray[np.float64], slope: float) -> float:
    mean, intercept = expit(log_odds).mean(), 0.0
    for _ in range(NEWTON_STEPS):
        turned = expit(intercept + slope * log_odds)
        step = (mean - turned.mean()) / (turned * (1 - turned)).mean()
        intercept += float(step)
        if abs(step) < NEWTON_TOLERANCE:
            break
    return intercept
