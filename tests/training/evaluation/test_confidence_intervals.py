"""Confidence intervals against a direct bootstrap, which concatenates the rows of the drawn days."""

from dataclasses import replace

import numpy as np
import pytest

from bundle import Task
from training.data.dataset import Dataset
from training.evaluation.bootstrap import INTERVAL_QUANTILES, ClusterBootstrap
from training.evaluation.confidence_intervals import estimate_metrics
from training.evaluation.metrics import compute_metrics

DAYS, ROWS_A_DAY = 30, 40


def rows(target: np.ndarray) -> Dataset:
    days = np.datetime64("2024-01-01") + np.arange(len(target)) // ROWS_A_DAY
    return Dataset(name="drawn", columns={}, target=target, dates=days.astype("datetime64[D]"))


def correlated_days() -> tuple[np.ndarray, np.ndarray]:
    """Returns labels that are correlated within a day, and probabilities that are not."""
    random = np.random.default_rng(1)
    day_effect = np.repeat(random.normal(size=DAYS), ROWS_A_DAY)
    known = random.normal(size=DAYS * ROWS_A_DAY)
    target = (known + 2 * day_effect + random.normal(size=len(known)) > 0.5).astype(np.int64)
    positive = 1 / (1 + np.exp(-known.round(1)))
    return target, np.column_stack([1 - positive, positive])


def direct_bootstrap(
    task: Task, target: np.ndarray, output: np.ndarray, bootstrap: ClusterBootstrap
) -> dict[str, np.ndarray]:
    drawn = []
    for weights in bootstrap.weights:
        chosen = np.repeat(np.arange(len(target)), weights[bootstrap.codes].astype(int))
        drawn.append(compute_metrics(task, target[chosen], output[chosen]))
    return {name: np.array([found[name] for found in drawn]) for name in drawn[0]}


def test_intervals_equal_those_of_a_direct_bootstrap_of_days() -> None:
    target, output = correlated_days()
    bootstrap = ClusterBootstrap(rows(target), draws=200)

    found = estimate_metrics("binary", target, output, bootstrap)

    expected = direct_bootstrap("binary", target, output, bootstrap)
    # The calibration error is left out: its bins are those of all rows, not of each draw.
    for name in ("roc_auc", "average_precision", "brier_score", "log_loss"):
        assert found[name][1:] == pytest.approx(np.quantile(expected[name], INTERVAL_QUANTILES), abs=0.004), (
            name
        )
    assert found["roc_auc"].value == compute_metrics("binary", target, output)["roc_auc"]
    assert found["calibration_error"].low <= found["calibration_error"].value + 0.02


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_intervals_of_other_tasks_equal_those_of_a_direct_bootstrap(task: Task) -> None:
    random = np.random.default_rng(2)
    target: np.ndarray
    if task == "multiclass":
        target = random.integers(0, 3, size=DAYS * ROWS_A_DAY)
        output = random.dirichlet([1, 1, 1], size=len(target)) + 0.3 * np.eye(3)[target]
    else:
        target = 1e6 + random.normal(size=DAYS * ROWS_A_DAY)
        output = (target + random.normal(size=len(target)))[:, np.newaxis]
    bootstrap = ClusterBootstrap(rows(target), draws=100)

    found = estimate_metrics(task, target, output, bootstrap)

    for name, draws in direct_bootstrap(task, target, output, bootstrap).items():
        assert found[name][1:] == pytest.approx(np.quantile(draws, INTERVAL_QUANTILES), abs=0.003), name


def test_errors_correlated_within_days_widen_the_interval() -> None:
    # Given rows that are correlated within days
    target, output = correlated_days()
    dated = rows(target)

    # When the same rows are also resampled without their dates
    by_day = estimate_metrics("binary", target, output, ClusterBootstrap(dated))["brier_score"]
    by_row = estimate_metrics("binary", target, output, ClusterBootstrap(replace(dated, dates=None)))[
        "brier_score"
    ]

    # Then the interval of days is the wider one
    assert by_day.high - by_day.low > 1.5 * (by_row.high - by_row.low)


def test_intervals_are_reproducible() -> None:
    target, output = correlated_days()

    one, two = (estimate_metrics("binary", target, output, ClusterBootstrap(rows(target))) for _ in range(2))

    assert one == two


def test_many_rows_without_dates_are_resampled_in_random_groups() -> None:
    # Given rows sorted by label: groups of consecutive rows would have equal labels
    target = np.sort(np.random.default_rng(3).integers(0, 2, 5_000))
    output = np.tile([0.2, 0.8], (5_000, 1))

    # When their interval is computed from groups
    bootstrap = ClusterBootstrap(replace(rows(target), dates=None))
    brier = estimate_metrics("binary", target, output, bootstrap)

    # Then it is as wide as that of independent rows
    assert bootstrap.clusters == 500
    wide = brier["brier_score"].high - brier["brier_score"].low
    spread = 2 * 1.96 * np.std((0.8 - target) ** 2) / np.sqrt(5_000)
    assert wide == pytest.approx(spread, rel=0.15)
