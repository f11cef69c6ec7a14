"""How good predictions are, in figures."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from bundle import Metrics
from training.model import Model
from training.split import Split

BINS = 10
BASELINE = "baseline"
DIGITS = 6


def measure(model: Model, split: Split, outputs: Mapping[str, NDArray[Any]]) -> Metrics:
    """The quality on the test rows, beside that of a baseline which always answers the training rows' mean.

    Figures of the first situation carry the metrics' plain names, those of the others and of the baseline a
    suffix. `base_rate` is the test rows' share of positives (with three labels or more, of the commonest).
    """
    target = split.test.target
    first = model.situations[0].name
    values = {}
    for name, output in {**outputs, BASELINE: _baseline(model, split)}.items():
        suffix = "" if name == first else f"_{name}"
        values.update({f"{metric}{suffix}": v for metric, v in quality(model.task, target, output).items()})
    if model.labels:
        shares = np.bincount(target, minlength=len(model.labels)) / len(target)
        values["base_rate"] = float(shares[1] if model.task == "binary" else shares.max())
    return Metrics(
        split=_describe(model, split), values={name: round(v, DIGITS) for name, v in values.items()}
    )


def quality(task: str, target: NDArray[Any], output: NDArray[Any]) -> dict[str, float]:
    """The metrics of one set of predictions.

    Args:
        task: binary, multiclass or regression.
        target: Right answers, shape (n,): label positions, or values.
        output: Predictions, shape (n, classes) of probabilities, or (n, 1) of values.
    """
    if task == "regression":
        predicted = output[:, 0]
        return {
            "r2": float(metrics.r2_score(target, predicted)),
            "mean_absolute_error": float(metrics.mean_absolute_error(target, predicted)),
        }
    probabilities = output.astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    if task == "binary":
        return _binary_quality(target, probabilities[:, 1])
    return {
        "accuracy": float(metrics.accuracy_score(target, probabilities.argmax(axis=1))),
        "log_loss": float(metrics.log_loss(target, probabilities, labels=range(output.shape[1]))),
    }


def _binary_quality(target: NDArray[Any], probability: NDArray[Any]) -> dict[str, float]:
    return {
        "roc_auc": float(metrics.roc_auc_score(target, probability)),
        "brier_score": float(metrics.brier_score_loss(target, probability)),
        "log_loss": float(metrics.log_loss(target, probability)),
        "calibration_error": calibration_error(target, probability),
    }


def calibration_error(target: NDArray[Any], probability: NDArray[Any]) -> float:
    """How far probabilities are from the shares that came true: the mean over ten equally large bins.

    Source: Nguyen and O'Connor, Posterior calibration and exploratory analysis for natural language
    processing models, EMNLP 2015 (adaptive binning).
    """
    bins = np.array_split(np.argsort(probability, kind="stable"), BINS)
    return float(
        sum(len(rows) * abs(probability[rows].mean() - target[rows].mean()) for rows in bins if len(rows))
        / len(target)
    )


def _baseline(model: Model, split: Split) -> NDArray[np.float64]:
    train = split.train.target
    shares = np.bincount(train, minlength=len(model.labels)) / len(train) if model.labels else [train.mean()]
    return np.tile(shares, (len(split.test), 1))


def _describe(model: Model, split: Split) -> str:
    first, *others = model.situations
    suffixed = "".join(f", _{situation.name}: {situation.description}" for situation in others)
    return (
        f"{split.description}, never learned from. Without suffix: {first.description}{suffixed}, "
        f"_{BASELINE}: always the mean of the training rows.{_describe_threshold(model)}"
    )


def _describe_threshold(model: Model) -> str:
    if model.threshold is None:
        return ""
    return (
        f" The threshold {model.threshold:g} follows from its price: "
        f"a missed {model.labels[1]} costs {model.missed_cost:g} false alarms."
    )
