"""Intervals against the slow way: the rows of the drawn days put together and measured anew."""

from dataclasses import replace

import numpy as np
import pytest

from training.data.dataset import Dataset
from training.evaluation.intervals import figures
from training.evaluation.metrics import Task, quality
from training.evaluation.resampling import LEVEL, Resampling

DAYS, ROWS_A_DAY = 30, 40


def rows(target: np.ndarray) -> Dataset:
    days = np.datetime64("2024-01-01") + np.arange(len(target)) // ROWS_A_DAY
    return Dataset(name="drawn", columns={}, target=target, dates=days.astype("datetime64[D]"))


def troubled_days() -> tuple[np.ndarray, np.ndarray]:
    """Labels that some days share, and scores that know little of it."""
    random = np.random.default_rng(1)
    trouble = np.repeat(random.normal(size=DAYS), ROWS_A_DAY)
    known = random.normal(size=DAYS * ROWS_A_DAY)
    target = (known + 2 * trouble + random.normal(size=len(known)) > 0.5).astype(np.int64)
    positive = 1 / (1 + np.exp(-known.round(1)))
    return target, np.column_stack([1 - positive, positive])


def slowly(
    task: Task, target: np.ndarray, output: np.ndarray, resampling: Resampling
) -> dict[str, np.ndarray]:
    drawn = []
    for weights in resampling.weights:
        chosen = np.repeat(np.arange(len(target)), weights[resampling.codes].astype(int))
        drawn.append(quality(task, target[chosen], output[chosen]))
    return {name: np.array([found[name] for found in drawn]) for name in drawn[0]}


def test_intervals_are_those_of_the_rows_of_drawn_days_put_together() -> None:
    target, output = troubled_days()
    resampling = Resampling(rows(target), draws=200)

    found = figures("binary", target, output, resampling)

    expected = slowly("binary", target, output, resampling)
    # The calibration's bins are those of all rows, not those of each draw.
    for name in ("roc_auc", "average_precision", "brier_score", "log_loss"):
        assert found[name][1:] == pytest.approx(np.quantile(expected[name], LEVEL), abs=0.004), name
    assert found["roc_auc"].value == quality("binary", target, output)["roc_auc"]
    assert found["calibration_error"].low <= found["calibration_error"].value + 0.02


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks_have_the_same_intervals_as_the_slow_way(task: Task) -> None:
    random = np.random.default_rng(2)
    target: np.ndarray
    if task == "multiclass":
        target = random.integers(0, 3, size=DAYS * ROWS_A_DAY)
        output = random.dirichlet([1, 1, 1], size=len(target)) + 0.3 * np.eye(3)[target]
    else:
        target = 1e6 + random.normal(size=DAYS * ROWS_A_DAY)
        output = (target + random.normal(size=len(target)))[:, np.newaxis]
    resampling = Resampling(rows(target), draws=100)

    found = figures(task, target, output, resampling)

    for name, draws in slowly(task, target, output, resampling).items():
        assert found[name][1:] == pytest.approx(np.quantile(draws, LEVEL), abs=0.003), name


def test_days_that_go_wrong_together_make_a_figure_less_sure_than_rows_would() -> None:
    # Given rows whose days have their troubles in common
    target, output = troubled_days()
    dated = rows(target)

    # When the same rows are taken for independent of each other
    by_day = figures("binary", target, output, Resampling(dated))["brier_score"]
    by_row = figures("binary", target, output, Resampling(replace(dated, dates=None)))["brier_score"]

    # Then the figure seems surer than it is
    assert by_day.high - by_day.low > 1.5 * (by_row.high - by_row.low)


def test_the_same_rows_have_the_same_interval_every_time() -> None:
    target, output = troubled_days()

    one, two = (figures("binary", target, output, Resampling(rows(target))) for _ in range(2))

    assert one == two


def test_many_rows_without_dates_are_put_together_at_random() -> None:
    # Given rows in the order of their label, which dealt out in turn would make all groups alike
    target = np.sort(np.random.default_rng(3).integers(0, 2, 5_000))
    output = np.tile([0.2, 0.8], (5_000, 1))

    # When their interval is told from groups
    resampling = Resampling(replace(rows(target), dates=None))
    brier = figures("binary", target, output, resampling)

    # Then it is as wide as independent rows make it
    assert resampling.groups == 500
    wide = brier["brier_score"].high - brier["brier_score"].low
    spread = 2 * 1.96 * np.std((0.8 - target) ** 2) / np.sqrt(5_000)
    assert wide == pytest.approx(spread, rel=0.15)
