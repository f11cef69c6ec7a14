"""Comparison of a baseline with a model on the same test rows: better, not worse beyond noise, or worse."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from bundle import Task
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate, estimate_gain
from training.evaluation.metrics import PRIMARY_METRIC, compute_metrics
from training.model import Situation

LINEAR = "the linear baseline"
MEAN = "always predicting the mean of the training rows"


def metric_of(baseline: str, task: Task) -> str:
    """Returns the metric by which a baseline is compared."""
    # A constant ranks nothing, so its ROC AUC says less than its Brier score.
    return "brier_score" if baseline == MEAN and task == "binary" else PRIMARY_METRIC[task]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A baseline and a model in one situation.

    Attributes:
        baseline: LINEAR or MEAN.
        situation: The situation.
        metric: Name of the metric.
        value: Metric of the baseline.
        own: Metric of the model.
        gain: How much better the baseline is, on the same rows and in the same draws.
    """

    baseline: str
    situation: Situation
    metric: str
    value: float
    own: float
    gain: MetricEstimate

    @property
    def is_better(self) -> bool:
        """Whether the baseline is better, beyond the noise of the test rows if they show it."""
        return (self.gain.low if self.gain.has_interval else self.gain.value) > 0

    @property
    def is_not_worse(self) -> bool:
        """Whether the baseline is better, or worse by no more than the test days differ."""
        return self.gain.high >= 0 if self.gain.has_interval else self.gain.value > 0


def compare(
    baseline: str,
    situation: Situation,
    *,
    task: Task,
    target: NDArray[Any],
    output: NDArray[Any],
    own: NDArray[Any],
    bootstrap: ClusterBootstrap,
) -> Comparison:
    """Compares a baseline's output for the test rows with a model's."""
    metric = metric_of(baseline, task)
    return Comparison(
        baseline=baseline,
        situation=situation,
        metric=metric,
        value=compute_metrics(task, target, output)[metric],
        own=compute_metrics(task, target, own)[metric],
        gain=estimate_gain(task, target, output, own, bootstrap, metric),
    )
