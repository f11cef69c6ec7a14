import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from training.errors import TrainingError
from training.evaluation.metrics import calibration_error, quality

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=2, max_size=60).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


def probabilities(*positive: float) -> np.ndarray:
    return np.array([[1 - p, p] for p in positive], dtype=np.float32)


def test_the_quality_of_probabilities_is_what_it_is_by_hand() -> None:
    found = quality("binary", np.array([0, 1, 0, 1]), probabilities(0.1, 0.9, 0.6, 0.4))

    assert found["roc_auc"] == 0.75
    assert found["average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert found["brier_score"] == pytest.approx((0.01 + 0.01 + 0.36 + 0.36) / 4)
    assert found["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(0.4)) / 2)


@given(ROWS)
def test_ranks_are_judged_as_scikit_learn_does_however_many_are_equal(rows: list[tuple[bool, int]]) -> None:
    target = np.array([label for label, _ in rows], dtype=np.int64)
    positive = np.array([score / 12 for _, score in rows])

    found = quality("binary", target, np.column_stack([1 - positive, positive]))

    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(target, positive))
    assert found["average_precision"] == pytest.approx(metrics.average_precision_score(target, positive))


def test_the_quality_of_three_classes_is_what_it_is_by_hand() -> None:
    output = np.array([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6], [0.05, 0.3, 0.65]], dtype=np.float32)

    found = quality("multiclass", np.array([0, 1, 2]), output)

    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["log_loss"] == pytest.approx(-(math.log(0.8) + math.log(0.2) + math.log(0.65)) / 3)
    # The second label alone has a row above its own, and one below.
    assert found["roc_auc"] == pytest.approx((1 + 0.5 + 1) / 3)


def test_the_quality_of_values_is_what_it_is_by_hand() -> None:
    found = quality("regression", np.array([1.0, 3.0]), np.array([[1.5], [2.0]]))

    assert found["mean_absolute_error"] == 0.75
    assert found["root_mean_squared_error"] == pytest.approx(math.sqrt(1.25 / 2))
    assert found["r2"] == pytest.approx(1 - 1.25 / 2)


def test_probabilities_that_come_true_as_often_as_they_say_are_calibrated() -> None:
    target = np.tile([0, 0, 0, 1], 250)

    assert calibration_error(target, np.full(1000, 0.25)) == pytest.approx(0)
    assert calibration_error(target, np.full(1000, 0.75)) == pytest.approx(0.5)


def test_rows_that_lack_a_label_cannot_tell_the_quality() -> None:
    with pytest.raises(TrainingError, match=r"The label at position 1 does not occur in the test rows"):
        quality("binary", np.zeros(3, dtype=np.int64), probabilities(0.1, 0.2, 0.3))
    with pytest.raises(TrainingError, match="All test rows have the same value"):
        quality("regression", np.ones(3), np.ones((3, 1)))
