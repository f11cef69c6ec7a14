"""Metrics that the manifest of a bundle states, and the sentence that explains them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Metrics
from training.data.split import Split
from training.evaluation.metrics import compute_metrics
from training.model import Model

BASELINE = "baseline"
# Decimals of stated metrics and golden numbers.
DIGITS = 6


def manifest_metrics(
    model: Model, split: Split, outputs: Mapping[str, NDArray[Any]], *, refitted_on: int = 0
) -> Metrics:
    """Computes the metrics on the test rows, and those of the constant baseline.

    Metrics of the first situation have their plain names, those of other situations and of the baseline a
    suffix. `base_rate` is the share of positive test rows (of the most frequent label with three or more).

    Args:
        model: The model of the bundle.
        split: Training rows and test rows.
        outputs: The output for all test rows, by situation, of the graph fitted on the training rows.
        refitted_on: Number of rows of the fit that ships instead; 0 when the measured one ships.

    Raises:
        TrainingError: When a label does not occur in the test rows.
    """
    target = split.test.target
    values = {}
    for name, output in {**outputs, BASELINE: mean_predictions(model, split)}.items():
        metrics = compute_metrics(model.task, target, output)
        values.update({f"{metric}{metric_suffix(model, name)}": value for metric, value in metrics.items()})
    if model.labels:
        shares = np.bincount(target, minlength=len(model.labels)) / len(target)
        values["base_rate"] = float(shares[1] if model.task == "binary" else shares.max())
    return Metrics(
        split=_describe(model, split, refitted_on),
        values={name: round(v, DIGITS) for name, v in values.items()},
    )


def metric_suffix(model: Model, situation: str) -> str:
    """Returns the suffix of the metric names of a situation or of the baseline."""
    return "" if situation == model.situations[0].name else f"_{situation}"


def mean_predictions(model: Model, split: Split) -> NDArray[np.float64]:
    """Returns the constant baseline: the training rows' mean for each test row, shape as a graph's output."""
    train = split.train.target
    shares = np.bincount(train, minlength=len(model.labels)) / len(train) if model.labels else [train.mean()]
    return np.tile(shares, (len(split.test), 1))


# These sentences are part of the bundle: other words would change its bytes and its version.
def _describe(model: Model, split: Split, refitted_on: int) -> str:
    first, *others = model.situations
    suffixed = "".join(f", _{situation.name}: {situation.description}" for situation in others)
    return (
        f"{split.description}, {described_fits(len(split.train), refitted_on)} "
        f"Without suffix: {first.description}{suffixed}, "
        f"_{BASELINE}: always the mean of the training rows.{_describe_threshold(model)}"
        f"{model.about_baseline and ' '}{model.about_baseline}"
    )


def described_fits(measured_on: int, refitted_on: int) -> str:
    """Returns how the test rows relate to the fit that the figures are of, and to the one that ships."""
    if not refitted_on:
        return "never learned from."
    return (
        f"never learned from by the fit that the figures are of, on the other {measured_on:,} rows. "
        f"The model that ships was then fitted again, by the same recipe, on all {refitted_on:,} rows."
    )


def _describe_threshold(model: Model) -> str:
    if model.threshold is None:
        return ""
    alarms = "1 false alarm" if model.missed_cost == 1 else f"{model.missed_cost:g} false alarms"
    return (
        f" The threshold {model.threshold:g} follows from its price: "
        f"a missed {model.labels[1]} costs {alarms}."
    )
