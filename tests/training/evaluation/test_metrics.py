import math
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from training.errors import TrainingError
from training.evaluation.metrics import METRIC_NAMES, compute_metrics

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=60).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


def probabilities(*positive: float) -> np.ndarray:
    return np.array([[1 - p, p] for p in positive], dtype=np.float32)


def test_binary_metrics_equal_a_calculation_by_hand() -> None:
    found = compute_metrics("binary", np.array([0, 1, 0, 1]), probabilities(0.1, 0.9, 0.6, 0.4))

    assert found["roc_auc"] == 0.75
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["brier_score"] == pytest.approx((0.01 + 0.01 + 0.36 + 0.36) / 4)
    assert found["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(0.4)) / 2)


@given(ROWS)
@pytest.mark.slow
def test_ranking_metrics_equal_those_of_scikit_learn_with_any_ties(rows: list[tuple[bool, int]]) -> None:
    target = np.array([label for label, _ in rows], dtype=np.int64)
    positive = np.array([score / 12 for _, score in rows])

    found = compute_metrics("binary", target, np.column_stack([1 - positive, positive]))

    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(target, positive))
    assert found["average_precision"] == pytest.approx(metrics.average_precision_score(target, positive))


def test_multiclass_metrics_equal_a_calculation_by_hand() -> None:
    output = np.array([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.05, 0.3, 0.65]], dtype=np.float32)

    found = compute_metrics("multiclass", np.array([0, 1, 2]), output)

    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["log_loss"] == pytest.approx(-(math.log(0.8) + math.log(0.2) + math.log(0.65)) / 3)
    # For the second label, one other row has a higher score and one has a lower score.
    assert found["roc_auc"] == pytest.approx((1 + 0.5 + 1) / 3)


def test_regression_metrics_equal_a_calculation_by_hand() -> None:
    found = compute_metrics("regression", np.array([1.0, 3.0]), np.array([[1.5], [2.0]]))

    assert found["mean_absolute_error"] == 0.75
    assert found["root_mean_squared_error"] == pytest.approx(math.sqrt(1.25 / 2))
    assert found["r2"] == pytest.approx(1 - 1.25 / 2)


def test_the_calibration_error_is_the_difference_of_probability_and_observed_share() -> None:
    target = np.tile([0, 0, 0, 1], 250)

    for probability, error in ((0.25, 0.0), (0.75, 0.5)):
        found = compute_metrics("binary", target, probabilities(*[probability] * len(target)))
        assert found["calibration_error"] == pytest.approx(error)


def test_a_constant_prediction_has_one_calibration_bin() -> None:
    # Given a share of positives that changes from the first row to the last
    target = np.repeat([0, 1], [700, 300])

    # When all rows have the same prediction
    found = compute_metrics("binary", target, probabilities(*[0.5] * len(target)))

    # Then the calibration error is the difference of the means
    assert found["calibration_error"] == pytest.approx(0.2)


def test_each_of_few_distinct_predictions_has_a_calibration_bin_of_its_own() -> None:
    # Given two rare predictions that are wrong by as much, one too low and one too high
    target = np.repeat([1, 0, 0, 1], [5, 5, 45, 45])

    found = compute_metrics("binary", target, probabilities(*[0.1] * 5, *[0.2] * 5, *[0.5] * 90))

    assert found["calibration_error"] == pytest.approx((5 * 0.9 + 5 * 0.2) / 100)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_metric(rows: list[tuple[bool, int]], random: Random) -> None:
    shuffled = random.sample(rows, len(rows))

    one, two = (
        compute_metrics(
            "binary",
            np.array([label for label, _ in ordered], dtype=np.int64),
            probabilities(*[score / 12 for _, score in ordered]),
        )
        for ordered in (rows, shuffled)
    )

    assert one == pytest.approx(two)


def test_rows_without_one_of_the_labels_or_with_equal_values_are_refused() -> None:
    with pytest.raises(TrainingError, match=r"The label at position 1 does not occur in the test rows"):
        compute_metrics("binary", np.zeros(3, dtype=np.int64), probabilities(0.1, 0.2, 0.3))
    with pytest.raises(TrainingError, match="All test rows have the same value"):
        compute_metrics("regression", np.ones(3), np.ones((3, 1)))


def test_the_metrics_of_each_task_have_the_stated_names() -> None:
    outputs: dict[Any, tuple[np.ndarray, np.ndarray]] = {
        "binary": (np.array([0, 1]), probabilities(0.1, 0.9)),
        "multiclass": (np.array([0, 1, 2]), np.eye(3)),
        "regression": (np.array([1.0, 3.0]), np.array([[1.5], [2.0]])),
    }

    assert {
        task: tuple(compute_metrics(task, target, output)) for task, (target, output) in outputs.items()
    } == METRIC_NAMES
