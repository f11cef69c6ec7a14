"""Interval of a regression by split conformal prediction."""

import numpy as np
import pytest

from training.evaluation.conformal_interval import LEVEL, conformal_interval


def rows(count: int, *, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Values, and their predictions with normal errors."""
    random = np.random.default_rng(1)
    predicted = random.uniform(0, 100, count)
    return predicted + random.normal(0, scale, count), predicted.reshape(-1, 1)


def test_the_half_width_is_the_error_that_the_level_of_rows_and_a_new_one_do_not_exceed() -> None:
    target = np.arange(1.0, 100.0)

    found = conformal_interval(target, {"": np.zeros((99, 1))})

    # 0.9 of the 99 errors and a new one are 90.
    assert found
    assert (found.level, found.half_width) == (LEVEL, 90.0)


def test_the_interval_contains_its_level_of_new_rows() -> None:
    target, output = rows(20_000, scale=3.0)
    learned, new = slice(0, 1_000), slice(1_000, None)

    found = conformal_interval(target[learned], {"": output[learned]})

    assert found
    inside = np.abs(target[new] - output[new, 0]) <= found.half_width
    assert inside.mean() == pytest.approx(LEVEL, abs=0.02)
    assert found.coverage == pytest.approx(LEVEL, abs=0.02)


def test_the_worst_situation_decides() -> None:
    target, output = rows(1_000)
    worse = target.reshape(-1, 1) + 5.0

    found = conformal_interval(target, {"": output, "worse": worse})

    assert found
    assert found.half_width == pytest.approx(5.0)


def test_the_coverage_of_each_half_is_measured_with_the_width_of_the_other() -> None:
    """With the width of all rows, the share of the same rows inside would be the level for any errors."""
    target, output = rows(40)
    found = conformal_interval(target, {"": output})

    order = np.random.default_rng(0).permutation(40)
    errors = np.abs(target - output[:, 0])
    one, other = errors[order[:20]], errors[order[20:]]
    # Of 20 errors and a new one, 0.9 are 19.
    inside = (one <= np.sort(other)[18]).sum() + (other <= np.sort(one)[18]).sum()
    assert found
    assert found.coverage == inside / 40


def test_too_few_rows_have_no_interval() -> None:
    target, output = rows(17)

    assert conformal_interval(target, {"": output}) is None
