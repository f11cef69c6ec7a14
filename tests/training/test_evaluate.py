import math

import numpy as np
import pytest

from tests.training.toys import TOY, fitted_toy
from training.evaluate import calibration_error, measure, quality


def probabilities(*positive: float) -> np.ndarray:
    return np.array([[1 - p, p] for p in positive], dtype=np.float32)


def test_the_quality_of_probabilities_is_what_it_is_by_hand() -> None:
    found = quality("binary", np.array([0, 1, 0, 1]), probabilities(0.1, 0.9, 0.6, 0.4))

    assert found["roc_auc"] == 0.75
    assert found["brier_score"] == pytest.approx((0.01 + 0.01 + 0.36 + 0.36) / 4)
    assert found["log_loss"] == pytest.approx(-(math.log(0.9) + math.log(0.4)) / 2)


def test_the_quality_of_three_classes_is_what_it_is_by_hand() -> None:
    output = np.array([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6]], dtype=np.float32)

    found = quality("multiclass", np.array([0, 1]), output)

    assert found["accuracy"] == 0.5
    assert found["log_loss"] == pytest.approx(-(math.log(0.8) + math.log(0.2)) / 2)


def test_the_quality_of_values_is_what_it_is_by_hand() -> None:
    found = quality("regression", np.array([1.0, 3.0]), np.array([[1.5], [2.0]]))

    assert found["mean_absolute_error"] == 0.75
    assert found["r2"] == pytest.approx(1 - 1.25 / 2)


def test_probabilities_that_come_true_as_often_as_they_say_are_calibrated() -> None:
    target = np.tile([0, 0, 0, 1], 250)

    assert calibration_error(target, np.full(1000, 0.25)) == pytest.approx(0)
    assert calibration_error(target, np.full(1000, 0.75)) == pytest.approx(0.5)


def test_every_situation_is_measured_and_the_first_without_a_suffix() -> None:
    # Given a pipeline's answers on the test rows, and the same answers turned round as a second situation
    _, split, fitted = fitted_toy()
    output = fitted.outputs(split.test)["early"]

    # When they are measured
    values = measure(TOY, split, {"early": output, "late": output[:, ::-1]}).values

    # Then each has its own figures, beside those of always saying the training rows' mean
    assert values["roc_auc"] == pytest.approx(1 - values["roc_auc_late"])
    assert values["roc_auc_baseline"] == 0.5
    assert values["base_rate"] == pytest.approx(split.test.target.mean())
    mean, rate = split.train.target.mean(), split.test.target.mean()
    assert values["brier_score_baseline"] == pytest.approx(
        rate * (1 - mean) ** 2 + (1 - rate) * mean**2, abs=1e-6
    )


def test_the_figures_come_with_the_words_to_read_them() -> None:
    _, split, fitted = fitted_toy()

    sentence = measure(TOY, split, fitted.outputs(split.test)).split

    assert "The last 20% by time, 2024-02-02 to 2024-02-09 (80 rows), never learned from" in sentence
    assert "Without suffix: early on, _late: later, _baseline: always the mean" in sentence
    assert "The threshold 0.2 follows from its price: a missed yes costs 4 false alarms." in sentence
