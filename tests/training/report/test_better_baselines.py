"""Sentences on baselines that are better than the model, and metrics without an interval."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.training.toys import TOY, fitted_toy
from training.data.slices import Slice
from training.data.split import Split
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate, estimate_metrics
from training.evaluation.evaluation import Evaluation, evaluate
from training.evaluation.ranking_metrics import Ranking
from training.evaluation.slice_metrics import slice_metrics
from training.progress import SILENT
from training.report.better_baselines import better_baselines
from training.report.quality_sections import interval_text


def evaluation_of(
    share_of_signal: float,
    gain: MetricEstimate = MetricEstimate(0.2, 0.1, 0.3),  # noqa: B008
) -> Evaluation:
    """The evaluation of predictions between the toy's own, at 1, and their opposite, at -1."""
    _, split, fitted = fitted_toy()
    outputs = fitted.outputs(split.test)
    mixed = {name: 0.5 + (output - 0.5) * share_of_signal for name, output in outputs.items()}
    evaluation = evaluate(TOY, split, mixed, lambda _: np.zeros(0, dtype=np.float32), SILENT, details=False)
    linear = {name: {"roc_auc": MetricEstimate(0.7, 0.6, 0.8)} for name in mixed}
    return replace(evaluation, linear=linear, linear_gains=dict.fromkeys(mixed, gain))


def test_a_model_that_is_worse_than_the_baselines_says_so() -> None:
    sentences = list(better_baselines(TOY, evaluation_of(-1)))

    assert any(
        sentence.startswith(
            "The linear baseline is better than the model (early on): ROC AUC 0.700 against 0."
        )
        for sentence in sentences
    )
    assert any(
        sentence.startswith(
            "Always predicting the mean of the training rows is better than the model (later): brier"
        )
        for sentence in sentences
    )
    assert any(
        sentence.startswith("Always predicting “yes” costs less than the model at its threshold (early on): ")
        for sentence in sentences
    )


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        (MetricEstimate(0.01, 0.005, 0.02), "is better than the model (early on)"),
        (MetricEstimate(-0.01, -0.03, 0.01), "is not worse than the model beyond noise (early on)"),
        (MetricEstimate(0, 0, 0), "is not worse than the model beyond noise (early on)"),
        (MetricEstimate(-0.02, -0.03, -0.01), ""),
    ],
)
def test_a_baseline_that_is_not_worse_beyond_noise_is_named(gain: MetricEstimate, verdict: str) -> None:
    sentences = [one for one in better_baselines(TOY, evaluation_of(1, gain)) if "linear" in one]

    assert bool(sentences) == bool(verdict)
    assert all(sentence.startswith("The linear baseline is ") for sentence in sentences)
    assert not verdict or verdict in sentences[0]
    assert not verdict or f"{gain.low:+.3f} to {gain.high:+.3f}. A simpler model" in sentences[0]


def test_a_model_that_is_better_says_nothing() -> None:
    evaluation = replace(evaluation_of(1), linear={})

    assert list(better_baselines(TOY, evaluation)) == []


def one_day() -> tuple[Split, dict[str, np.ndarray]]:
    _, split, fitted = fitted_toy()
    day = np.full(len(split.test), np.datetime64("2024-02-09"))
    split = replace(split, test=replace(split.test, dates=day))
    return split, fitted.outputs(split.test)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_one_day_has_no_interval(task: str) -> None:
    split, outputs = one_day()
    bootstrap = ClusterBootstrap(split.test)

    estimates = estimate_metrics(task, split.test.target, outputs["early"], bootstrap)  # type: ignore[arg-type]

    assert all(math.isfinite(estimate.value) and not estimate.has_interval for estimate in estimates.values())
    assert " to " not in interval_text(next(iter(estimates.values())))


def test_a_slice_of_one_day_has_no_interval() -> None:
    _, split, fitted = fitted_toy()
    outputs = fitted.outputs(split.test)
    days = Slice(title="kind", fields=("kind",))
    kind = np.where(split.test.dates == split.test.dates[0], "first", "later").astype(object)  # type: ignore[index]
    many = np.repeat(np.arange(len(split.test)), 10)
    test = replace(split.test, columns={**split.test.columns, "kind": kind}).take(many)
    split, outputs = replace(split, test=test), {name: output[many] for name, output in outputs.items()}
    rankings = {name: Ranking(test.target, output[:, 1]) for name, output in outputs.items()}

    [found] = slice_metrics(replace(TOY, slices=(days,)), split, outputs, rankings)

    has_interval = {part.name: part.estimates["early"].has_interval for part in found.parts}
    assert has_interval == {"first": False, "later": True}
