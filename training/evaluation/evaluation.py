"""Evaluation of a bundle on the test rows: everything that the report shows."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from numpy.typing import NDArray

from training.data.split import Split
from training.evaluation.baselines.comparison import MEAN, metric_of
from training.evaluation.baselines.linear_baseline import linear_baseline
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate, metrics_and_draws
from training.evaluation.manifest_metrics import mean_predictions
from training.evaluation.metrics import positive_probability
from training.evaluation.permutation_importance import Score, permutation_importance
from training.evaluation.ranking_metrics import Ranking
from training.evaluation.slice_metrics import SliceMetrics, slice_metrics
from training.evaluation.threshold_costs import ThresholdCosts
from training.model import Model
from training.progress import Progress

Estimates = Mapping[str, MetricEstimate]
Outputs = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Quality of a bundle on the test rows; mappings without another key are by situation.

    Attributes:
        situations: Metrics of the bundle, with confidence intervals.
        mean: Metrics of the constant baseline, which predicts the training rows' mean.
        rankings: Test rows sorted by score; empty unless the model is binary.
        threshold_costs: Confusion counts at the threshold; empty unless the model is binary.
        mean_gains: How much better the constant baseline is than the bundle, by situation.
        linear: Metrics of the linear baseline; empty when no field can be used by it.
        linear_gains: How much better its primary metric is than the bundle's, on the same rows.
        slices: Metrics by slice of the test rows.
        importance: Permutation importance by situation and field.
    """

    situations: Mapping[str, Estimates]
    mean: Estimates
    rankings: Mapping[str, Ranking]
    threshold_costs: Mapping[str, ThresholdCosts]
    mean_gains: Estimates = field(default_factory=dict)
    linear: Mapping[str, Estimates] = field(default_factory=dict)
    linear_gains: Estimates = field(default_factory=dict)
    slices: tuple[SliceMetrics, ...] = ()
    importance: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def evaluate(
    model: Model, split: Split, outputs: Outputs, score: Score, progress: Progress, *, details: bool
) -> Evaluation:
    """Evaluates a bundle on the test rows.

    Args:
        model: The model of the bundle.
        split: Training rows and test rows.
        outputs: The graph's output for all test rows, by situation.
        score: Runs the graph on other tensors.
        progress: Receives one line a step.
        details: Whether to add the linear baseline, the slices and the permutation importance.

    Raises:
        TrainingError: When a label does not occur in the test rows.
    """
    if not details:
        progress.step("resampling the test rows for confidence intervals")
        return _resampled(model, split, outputs, details=False)
    progress.step("resampling the test rows for confidence intervals, and fitting the linear baseline")
    # The regression runs outside of Python's lock, and so do most sorts.
    with ThreadPoolExecutor(1) as thread:
        baseline = thread.submit(linear_baseline, model, split, outputs)
        evaluation = _resampled(model, split, outputs, details=True)
    linear = baseline.result()
    progress.step("measuring the permutation importance of each field")
    importance = permutation_importance(model, split.test, score)
    return replace(evaluation, linear=linear.estimates, linear_gains=linear.gains, importance=importance)


def _resampled(model: Model, split: Split, outputs: Outputs, *, details: bool) -> Evaluation:
    """Measures the outputs on the test rows and in draws of them, and with details on slices of them too."""
    test = split.test
    bootstrap = ClusterBootstrap(test)
    rankings = _rankings(model, split, outputs)
    found = {
        name: metrics_and_draws(model.task, test.target, output, bootstrap, rankings.get(name))
        for name, output in outputs.items()
    }
    mean = metrics_and_draws(model.task, test.target, mean_predictions(model, split), bootstrap)
    metric = metric_of(MEAN, model.task)
    return Evaluation(
        situations={name: one.estimates() for name, one in found.items()},
        mean=mean.estimates(),
        rankings=rankings,
        threshold_costs=_threshold_costs(model, split, outputs),
        mean_gains={name: mean.gain(one, metric) for name, one in found.items()},
        slices=slice_metrics(model, split, outputs, rankings) if details else (),
    )


def _rankings(model: Model, split: Split, outputs: Outputs) -> dict[str, Ranking]:
    if model.task != "binary":
        return {}
    target = split.test.target
    return {name: Ranking(target, positive_probability(output)) for name, output in outputs.items()}


def _threshold_costs(model: Model, split: Split, outputs: Outputs) -> dict[str, ThresholdCosts]:
    if model.threshold is None:
        return {}
    return {
        name: ThresholdCosts.of(
            split.test.target, output, threshold=model.threshold, missed_cost=model.missed_cost
        )
        for name, output in outputs.items()
    }
