"""How far a model's log-odds are to be trusted, from predictions of times it was not fitted on."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

BLOCKS = 4
FEWEST_DAYS = 28
FEWEST_ROWS = 4_000
FLATTEST = 0.1
STEPS = 50
TOLERANCE = 1e-10


def blocks_of_time(dates: NDArray[np.datetime64]) -> NDArray[np.intp] | None:
    """The block of time each row is in: four of as many days, which are the seasons of a year.

    None when the rows are too few, or of too few days, to say anything by blocks.
    """
    days = np.unique(dates)
    if len(days) < FEWEST_DAYS or len(dates) < FEWEST_ROWS:
        return None
    return np.searchsorted(days, dates) * BLOCKS // len(days)


def calibration(
    log_odds: NDArray[np.float64], target: NDArray[np.intp], blocks: NDArray[np.intp]
) -> tuple[float, float]:
    """Intercept and slope that make held-out log-odds fit, but for the level of their block.

    Each block has its own level, which says nothing of the next one's: the slope is fitted beside a free
    intercept a block, and the mean prediction stays what it was.
    Source: Platt, Probabilistic outputs for support vector machines, 1999; the free intercepts are ours.
    """
    slope = max(_slope(log_odds, target, blocks), FLATTEST)
    return _intercept(log_odds, slope), slope


def _slope(log_odds: NDArray[np.float64], target: NDArray[np.intp], blocks: NDArray[np.intp]) -> float:
    """By Newton's method for a logistic regression."""
    factors = np.column_stack([log_odds, *(blocks == block for block in range(BLOCKS))]).astype(np.float64)
    weights = np.zeros(factors.shape[1])
    for _ in range(STEPS):
        expected = expit(factors @ weights)
        curvature = factors.T @ (factors * (expected * (1 - expected))[:, None])
        step = np.linalg.solve(curvature + 1e-6 * np.eye(len(weights)), factors.T @ (target - expected))
        weights += step
        if np.abs(step).max() < TOLERANCE:
            break
    return float(weights[0])


def _intercept(log_odds: NDArray[np.float64], slope: float) -> float:
    mean, intercept = expit(log_odds).mean(), 0.0
    for _ in range(STEPS):
        turned = expit(intercept + slope * log_odds)
        step = (mean - turned.mean()) / (turned * (1 - turned)).mean()
        intercept += float(step)
        if abs(step) < TOLERANCE:
            break
    return intercept
