"""Metrics of quantiles on the test rows: coverage of the range, and pinball loss."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.split import Split
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate, percentile_interval
from training.evaluation.manifest_metrics import BASELINE, DIGITS, metric_suffix
from training.model import Model

COVERAGE, PINBALL_LOSS = "coverage", "pinball_loss"


def quantile_metrics(
    model: Model, split: Split, outputs: Mapping[str, NDArray[Any]], levels: Sequence[float]
) -> dict[str, float]:
    """Computes coverage and mean pinball loss by situation, with 95 % intervals over the test days.

    Names have the suffix of the situation, or of the baseline: the same quantiles for every row, those of the
    training rows. The ends of an interval have `_from` and `_to` after that.

    Args:
        model: The model.
        split: Training rows and test rows, with numeric targets.
        outputs: Quantiles of the test rows by situation, shape (n, levels), by the fit on the training rows.
        levels: Probabilities of the quantiles.
    """
    constant = np.quantile(_numbers(split.train), levels)
    every = {**outputs, BASELINE: np.tile(constant, (len(split.test), 1))}
    bootstrap, target = ClusterBootstrap(split.test), _numbers(split.test)
    found: dict[str, float] = {}
    for situation, output in every.items():
        for metric, values in _by_row(target, output, levels).items():
            name = f"{metric}{metric_suffix(model, situation)}"
            draws = bootstrap.sums(values) / bootstrap.sums()
            estimate = percentile_interval(values.mean(), draws)
            ends = (
                {f"{name}_from": estimate.low, f"{name}_to": estimate.high} if estimate.has_interval else {}
            )
            found.update({name: estimate.value, **ends})
    return {name: round(float(value), DIGITS) for name, value in found.items()}


def quantile_estimate(metrics: Mapping[str, float], name: str) -> MetricEstimate:
    """Returns a metric of `quantile_metrics` with its interval, NaN where it has none."""
    ends = (metrics.get(f"{name}_{end}", float("nan")) for end in ("from", "to"))
    return MetricEstimate(metrics[name], *ends)


def _by_row(
    target: NDArray[np.float64], output: NDArray[Any], levels: Sequence[float]
) -> dict[str, NDArray[np.float64]]:
    """Returns for each row whether the range contains its value, and its mean pinball loss over the levels.

    Source: Koenker and Bassett, Regression quantiles, Econometrica 46, 1978.
    """
    inside = (target >= output[:, 0]) & (target <= output[:, -1])
    above = target[:, None] - output
    loss = np.maximum(np.asarray(levels) * above, (np.asarray(levels) - 1) * above)
    return {COVERAGE: inside.astype(np.float64), PINBALL_LOSS: loss.mean(axis=1)}


def _numbers(rows: Dataset) -> NDArray[np.float64]:
    return np.asarray(rows.numeric_target, dtype=np.float64)
