"""Confidence intervals against a direct bootstrap, which concatenates the rows of the drawn days."""

from dataclasses import replace

import numpy as np
import pytest

from bundle import Task
from training.data.dataset import Dataset
from training.evaluation.bootstrap import INTERVAL_QUANTILES, ClusterBootstrap
from training.evaluation.confidence_intervals import estimate_gain, estimate_metrics
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


def probabilities(seed: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns labels, and probabilities that are too low by the shift."""
    random = np.random.default_rng(seed)
    positive = random.uniform(0.05, 0.65, 400)
    target = (random.random(400) < positive + shift).astype(np.int64)
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


@pytest.mark.parametrize("shift", [0.0, 0.02, 0.3])
@pytest.mark.parametrize("is_dated", [False, True])
def test_the_interval_of_the_calibration_error_contains_it(shift: float, is_dated: bool) -> None:
    for seed in range(40):
        target, output = probabilities(seed, shift)
        dated = rows(target)
        bootstrap = ClusterBootstrap(dated if is_dated else replace(dated, dates=None), draws=200)

        value, low, high = estimate_metrics("binary", target, output, bootstrap)["calibration_error"]

        assert 0 <= low <= value <= high


def test_the_interval_of_the_calibration_error_contains_the_true_one() -> None:
    # Given samples whose probabilities are all too low by a tenth
    found = []
    for seed in range(100):
        target, output = probabilities(seed, 0.1)
        bootstrap = ClusterBootstrap(replace(rows(target), dates=None), draws=200)
        found.append(estimate_metrics("binary", target, output, bootstrap)["calibration_error"])

    # Then about 95 of 100 intervals contain this tenth, and most are above 0
    assert sum(one.low <= 0.1 <= one.high for one in found) >= 90
    assert np.median([one.low for one in found]) > 0.03


def test_the_interval_of_a_difference_of_calibration_errors_contains_it() -> None:
    for seed in range(40):
        target, good = probabilities(seed, 0.0)
        bad = np.column_stack([1 - good[:, 1] ** 2, good[:, 1] ** 2])
        bootstrap = ClusterBootstrap(replace(rows(target), dates=None), draws=200)

        value, low, high = estimate_gain("binary", target, good, bad, bootstrap, "calibration_error")

        assert low <= value <= high


def test_one_day_has_no_interval_of_the_calibration_error() -> None:
    target, output = probabilities(0, 0.1)
    same = replace(rows(target), dates=np.full(len(target), np.datetime64("2024-01-01")))

    assert not estimate_metrics("binary", target, output, ClusterBootstrap(same))[
        "calibration_error"
    ].has_interval


def test_the_interval_of_a_perfect_area_of_several_classes_contains_it() -> None:
    # Given so many rows that the bins of scores at a boundary have rows of two classes
    random = np.random.default_rng(4)
    target = random.integers(0, 3, 20_000)
    output = np.eye(3)[target] + 0.3 * random.random((20_000, 3))

    bootstrap = ClusterBootstrap(replace(rows(target), dates=None))
    value, low, high = estimate_metrics("multiclass", target, output, bootstrap)["roc_auc"]

    assert low <= value <= high + 1e-9


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
