"""Live metrics from totals of days: the same definitions as in training, for resampled days too."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bundle import Task

# Metrics of the manifest that outcomes are compared by.
LIVE_METRICS: Mapping[Task, tuple[str, ...]] = {
    "binary": ("roc_auc", "brier_score", "calibration_error"),
    "multiclass": ("accuracy",),
    "regression": ("r2", "mean_absolute_error"),
}
HIGHER_LIVE_METRICS = frozenset({"roc_auc", "accuracy", "r2"})
# As in training: quantile bins.
_CALIBRATION_BINS = 10
_SCORE_BINS = 1000

Floats = NDArray[np.float64]


class DayTotals(NamedTuple):
    """Sums over the rows of each day, by name; the first dimension is the day."""

    sums: Mapping[str, Floats]

    def resampled(self, weights: Floats) -> Mapping[str, Floats]:
        """Returns the sums of resampled days.

        Args:
            weights: How often each day is drawn, shape (draws, days).
        """
        return {name: weights @ total for name, total in self.sums.items()}


def day_totals(task: Task, predicted: Floats, actual: Floats, days: NDArray[np.intp]) -> DayTotals:
    """Returns the totals of each day.

    Args:
        task: Task of the model.
        predicted: Predictions, shape (rows,).
        actual: Outcomes, shape (rows,).
        days: Position of the day of each row, shape (rows,).
    """
    error = predicted - actual
    by_row = {"rows": np.ones_like(actual)}
    if task == "multiclass":
        return DayTotals(_by_day(by_row | {"right": (error == 0).astype(float)}, days))
    by_row["squares"] = error**2
    if task == "regression":
        by_row |= {"absolute": np.abs(error), "actual": actual, "actual_squares": actual**2}
        return DayTotals(_by_day(by_row, days))
    bins, scores = _bins(predicted, _CALIBRATION_BINS), _bins(predicted, _SCORE_BINS)
    return DayTotals(
        {
            **_by_day(by_row, days),
            "gaps": _by_day_and_bin(error, days, bins),
            "variances": _by_day_and_bin(predicted * (1 - predicted), days, bins),
            "positives": _by_day_and_bin(actual, days, scores),
            "negatives": _by_day_and_bin(1 - actual, days, scores),
        }
    )


def metrics_of(task: Task, sums: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """Returns each of LIVE_METRICS for each draw of days; NaN where it is not defined."""
    rows = sums["rows"]
    with np.errstate(divide="ignore", invalid="ignore"):
        if task == "multiclass":
            return {"accuracy": sums["right"] / rows}
        if task == "regression":
            total = sums["actual_squares"] - sums["actual"] ** 2 / rows
            return {"r2": 1 - sums["squares"] / total, "mean_absolute_error": sums["absolute"] / rows}
        return {
            "roc_auc": _roc_auc(sums["positives"], sums["negatives"]),
            "brier_score": sums["squares"] / rows,
            "calibration_error": np.abs(sums["gaps"]).sum(axis=-1) / rows,
        }


def calibration_noise(sums: Mapping[str, Floats]) -> Floats:
    """Returns the calibration error that a perfectly calibrated model is expected to have on as few rows."""
    return np.asarray(np.sqrt(2 / np.pi * sums["variances"]).sum(axis=-1) / sums["rows"])


def _roc_auc(positives: Floats, negatives: Floats) -> Floats:
    """Returns the area under the ROC curve of histograms; a pair in one bin counts one half."""
    lower = np.cumsum(negatives, axis=-1) - negatives / 2
    pairs = positives.sum(axis=-1) * negatives.sum(axis=-1)
    return np.asarray((positives * lower).sum(axis=-1) / pairs)


def _bins(scores: Floats, count: int) -> NDArray[np.intp]:
    """Returns the quantile bin of each row, as in training; equal scores share one."""
    values, inverse = np.unique(scores, return_inverse=True)
    if len(values) <= count:
        return np.asarray(inverse)
    first = np.searchsorted(np.sort(scores), values)
    return np.asarray((first * count // len(scores))[inverse])


def _by_day(by_row: Mapping[str, Floats], days: NDArray[np.intp]) -> dict[str, Floats]:
    return {name: np.bincount(days, weights=values).astype(np.float64) for name, values in by_row.items()}


def _by_day_and_bin(values: Floats, days: NDArray[np.intp], bins: NDArray[np.intp]) -> Floats:
    count, width = int(days.max()) + 1, int(bins.max()) + 1
    flat = np.bincount(days * width + bins, weights=values, minlength=count * width)
    return flat.reshape(count, width).astype(np.float64)
