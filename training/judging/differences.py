"""Differences of the metrics of champion and challenger on the same rows, with intervals over days."""

from collections.abc import Mapping
from typing import Any

import msgspec
from numpy.typing import NDArray

from bundle import Task
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate, metrics_and_draws
from training.evaluation.manifest_metrics import DIGITS
from training.evaluation.metrics import CALIBRATION_ERROR, HIGHER_IS_BETTER

# Metrics by which a challenger may not lose; the first one is a score, whose perfect value is 1.
DECIDING: Mapping[Task, tuple[str, ...]] = {
    "binary": ("roc_auc", "brier_score"),
    "multiclass": ("accuracy", "log_loss"),
    "regression": ("r2", "mean_absolute_error"),
}
COMPARED: Mapping[Task, tuple[str, ...]] = {
    "binary": (*DECIDING["binary"], CALIBRATION_ERROR),
    "multiclass": (*DECIDING["multiclass"], "roc_auc"),
    "regression": (*DECIDING["regression"], "root_mean_squared_error"),
}
# Names in the verdict that are shorter than those of a manifest.
_SHORT = {"roc_auc": "auc", "brier_score": "brier"}


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A metric of both, and champion minus challenger with its 95 % interval; NaN where there is none.

    Attributes:
        champion: Metric of the champion.
        challenger: Metric of the challenger.
        difference: Champion minus challenger.
        low: Lower end of the difference's interval.
        high: Upper end.
    """

    champion: float
    challenger: float
    difference: float
    low: float
    high: float

    @classmethod
    def of(cls, champion: float, challenger: float, estimate: MetricEstimate) -> "Difference":
        """Makes the difference of two values, with the interval of an estimate."""
        return cls(
            champion=round(champion, DIGITS),
            challenger=round(challenger, DIGITS),
            difference=round(estimate.value, DIGITS),
            low=round(estimate.low, DIGITS),
            high=round(estimate.high, DIGITS),
        )

    def loss(self, metric: str) -> MetricEstimate:
        """Returns how much worse the challenger is, of an error as a share of the champion's error."""
        if metric in HIGHER_IS_BETTER:
            return MetricEstimate(self.difference, self.low, self.high)
        if not self.champion:
            # Any error is infinitely larger than none.
            own = float("inf") if self.challenger else 0.0
            return MetricEstimate(own, own, own)
        return MetricEstimate(*(-end / self.champion for end in (self.difference, self.high, self.low)))


def metric_differences(
    task: Task,
    target: NDArray[Any],
    champion: NDArray[Any],
    challenger: NDArray[Any],
    bootstrap: ClusterBootstrap,
) -> dict[str, Difference]:
    """Computes the compared metrics of two outputs, and their differences in the same draws of days.

    Raises:
        TrainingError: When a label does not occur in the rows, or all values are equal.
    """
    one, two = (metrics_and_draws(task, target, output, bootstrap) for output in (champion, challenger))
    return {
        name: Difference.of(one.values[name], two.values[name], one.difference(two, name))
        for name in COMPARED[task]
    }


def verdict_name(metric: str, suffix: str) -> str:
    """Returns the name of a metric in the verdict, such as "auc" or "brier_weather"."""
    return f"{_SHORT.get(metric, metric)}{suffix}"
