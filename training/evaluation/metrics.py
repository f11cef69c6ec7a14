"""Metrics of predictions, by task."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Task
from training.errors import TrainingError
from training.evaluation.ranking_metrics import CALIBRATION_BINS, Ranking

CALIBRATION_ERROR = "calibration_error"
METRIC_NAMES: dict[Task, tuple[str, ...]] = {
    "binary": ("roc_auc", "average_precision", "brier_score", "log_loss", CALIBRATION_ERROR),
    "multiclass": ("accuracy", "log_loss", "roc_auc"),
    "regression": ("r2", "mean_absolute_error", "root_mean_squared_error"),
}
# The metric shown where there is room for one.
PRIMARY_METRIC: dict[Task, str] = {
    "binary": "roc_auc",
    "multiclass": "accuracy",
    "regression": "mean_absolute_error",
}
SMALLEST_PROBABILITY = np.finfo(np.float64).eps
# Metrics of which a higher value is better; of all others a lower one.
HIGHER_IS_BETTER = frozenset({"roc_auc", "average_precision", "accuracy", "r2"})


def compute_metrics(
    task: Task, target: NDArray[Any], output: NDArray[Any], ranking: Ranking | None = None
) -> dict[str, float]:
    """Computes the metrics of predictions, under METRIC_NAMES of the task.

    Args:
        task: binary, multiclass or regression.
        target: Right answers, shape (n,): label positions, or values.
        output: Predictions, shape (n, labels) of probabilities, or (n, 1) of values.
        ranking: The rows sorted by `positive_probability(output)`, when a binary task has them already.

    Raises:
        TrainingError: When a label does not occur in the rows, or all values are equal.
    """
    if task == "regression":
        return _regression(target, output[:, 0])
    _check_labels(target, output.shape[1])
    if task == "binary":
        return _binary(target, positive_probability(output), ranking)
    probability = normalized_probabilities(output)
    return {
        "accuracy": float(np.mean(probability.argmax(axis=1) == target)),
        "log_loss": float(np.mean(row_log_loss(probability[np.arange(len(target)), target]))),
        "roc_auc": float(np.mean([Ranking(target == k, p).roc_auc() for k, p in enumerate(probability.T)])),
    }


def normalized_probabilities(output: NDArray[Any]) -> NDArray[np.float64]:
    """Converts float32 probabilities of shape (n, labels) to float64 ones whose rows sum to 1."""
    probability = output.astype(np.float64)
    probability /= probability.sum(axis=1, keepdims=True)
    return probability


def positive_probability(output: NDArray[Any]) -> NDArray[np.float64]:
    """Returns the probability of the positive label, shape (n,), from an output of shape (n, 2)."""
    return np.asarray(output[:, 1] / output.sum(axis=1, dtype=np.float64))


def row_log_loss(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the log loss of each row, given the probability of its right label."""
    return -np.log(np.clip(probability, SMALLEST_PROBABILITY, 1.0))


def _binary(
    target: NDArray[Any], probability: NDArray[np.float64], ranking: Ranking | None
) -> dict[str, float]:
    ranking = ranking or Ranking(target, probability)
    return {
        "roc_auc": ranking.roc_auc(),
        "average_precision": ranking.average_precision(),
        "brier_score": float(np.mean((probability - target) ** 2)),
        "log_loss": float(np.mean(row_log_loss(np.where(target, probability, 1 - probability)))),
        CALIBRATION_ERROR: _calibration_error(ranking),
    }


def _calibration_error(ranking: Ranking) -> float:
    """Returns the mean difference of probability and observed share over ten quantile bins.

    Source: Nguyen and O'Connor, Posterior calibration and exploratory analysis for natural language
    processing models, EMNLP 2015 (adaptive binning).
    """
    bins = ranking.calibration()
    gaps = np.bincount(bins, weights=ranking.score - ranking.positive, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(ranking))


def _regression(target: NDArray[Any], predicted: NDArray[Any]) -> dict[str, float]:
    error = predicted - target
    total = np.sum((target - target.mean()) ** 2)
    if total == 0:
        raise TrainingError("All test rows have the same value, so R² is undefined: train on other data.")
    return {
        "r2": float(1 - np.sum(error**2) / total),
        "mean_absolute_error": float(np.mean(np.abs(error))),
        "root_mean_squared_error": float(np.sqrt(np.mean(error**2))),
    }


def _check_labels(target: NDArray[Any], labels: int) -> None:
    missing = np.flatnonzero(np.bincount(target, minlength=labels) == 0)
    if len(missing):
        raise TrainingError(
            f"The label at position {missing[0]} does not occur in the test rows, so the metrics are "
            "undefined: train on more data."
        )
