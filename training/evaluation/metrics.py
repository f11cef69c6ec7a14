"""The figures of one set of predictions."""

from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError
from training.evaluation.ranking import CALIBRATION_BINS, Ranking

Task: TypeAlias = Literal["binary", "multiclass", "regression"]

# What a row's share in the figures is told by, where one figure has to do.
FOREMOST: dict[Task, str] = {
    "binary": "roc_auc",
    "multiclass": "accuracy",
    "regression": "mean_absolute_error",
}
LOWER_IS_BETTER = frozenset(
    {
        "brier_score",
        "log_loss",
        "calibration_error",
        "mean_absolute_error",
        "root_mean_squared_error",
    }
)
SMALLEST = np.finfo(np.float64).eps


def quality(
    task: Task, target: NDArray[Any], output: NDArray[Any], ranking: Ranking | None = None
) -> dict[str, float]:
    """The metrics of one set of predictions.

    Args:
        task: binary, multiclass or regression.
        target: Right answers, shape (n,): label positions, or values.
        output: Predictions, shape (n, classes) of probabilities, or (n, 1) of values.
        ranking: The rows by `positive(output)` if they are ranked already, in a binary task.

    Raises:
        TrainingError: When a label never occurs, so that nothing can be told from it.
    """
    if task == "regression":
        return _values(target, output[:, 0])
    _check_labels(target, output.shape[1])
    if task == "binary":
        return _binary(target, positive(output), ranking)
    probability = normalised(output)
    return {
        "accuracy": float(np.mean(probability.argmax(axis=1) == target)),
        "log_loss": float(np.mean(surprise(probability[np.arange(len(target)), target]))),
        "roc_auc": float(np.mean([Ranking(target == k, p).roc_auc() for k, p in enumerate(probability.T)])),
    }


def normalised(output: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities that sum to one in float64: those of the graph are float32."""
    probability = output.astype(np.float64)
    probability /= probability.sum(axis=1, keepdims=True)
    return probability


def positive(output: NDArray[Any]) -> NDArray[np.float64]:
    """The positive label's probability, shape (n,)."""
    return np.asarray(output[:, 1] / output.sum(axis=1, dtype=np.float64))


def surprise(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """The log loss of each row, given the probability of what came true."""
    return -np.log(np.clip(probability, SMALLEST, 1.0))


def calibration_error(target: NDArray[Any], probability: NDArray[Any]) -> float:
    """How far probabilities are from the shares that came true: the mean over ten equally large bins.

    Source: Nguyen and O'Connor, Posterior calibration and exploratory analysis for natural language
    processing models, EMNLP 2015 (adaptive binning).
    """
    return _calibration_error(Ranking(target, probability))


def _binary(
    target: NDArray[Any], probability: NDArray[np.float64], ranking: Ranking | None
) -> dict[str, float]:
    ranking = ranking or Ranking(target, probability)
    return {
        "roc_auc": ranking.roc_auc(),
        "average_precision": ranking.average_precision(),
        "brier_score": float(np.mean((probability - target) ** 2)),
        "log_loss": float(np.mean(surprise(np.where(target, probability, 1 - probability)))),
        "calibration_error": _calibration_error(ranking),
    }


def _calibration_error(ranking: Ranking) -> float:
    bins = ranking.calibration()
    gaps = np.bincount(bins, weights=ranking.score - ranking.positive, minlength=CALIBRATION_BINS)
    return float(np.abs(gaps).sum() / len(ranking))


def _values(target: NDArray[Any], predicted: NDArray[Any]) -> dict[str, float]:
    error = predicted - target
    spread = np.sum((target - target.mean()) ** 2)
    if spread == 0:
        raise TrainingError("All test rows have the same value, so no quality can be told from them.")
    return {
        "r2": float(1 - np.sum(error**2) / spread),
        "mean_absolute_error": float(np.mean(np.abs(error))),
        "root_mean_squared_error": float(np.sqrt(np.mean(error**2))),
    }


def _check_labels(target: NDArray[Any], labels: int) -> None:
    missing = np.flatnonzero(np.bincount(target, minlength=labels) == 0)
    if len(missing):
        raise TrainingError(
            f"The label at position {missing[0]} does not occur in the test rows, so they cannot tell the "
            "quality: train on more data."
        )
