"""Live metrics: the definitions of training."""

import numpy as np
import pytest

from monitoring.outcomes.live_metrics import calibration_noise, day_totals, metrics_of
from training.evaluation.metrics import compute_metrics

GENERATOR = np.random.default_rng(7)
DAYS = GENERATOR.integers(0, 9, 3000)
ALL_DAYS = np.ones((1, 9))


@pytest.mark.parametrize("digits", [1, 6])
def test_the_metrics_of_a_binary_model_are_those_of_its_training(digits: int) -> None:
    probability = GENERATOR.beta(2, 4, 3000).round(digits)
    actual = (GENERATOR.random(3000) < probability**1.2).astype(float)
    expected = compute_metrics("binary", actual.astype(int), np.column_stack([1 - probability, probability]))

    found = metrics_of("binary", day_totals("binary", probability, actual, DAYS).resampled(ALL_DAYS))

    assert found["roc_auc"][0] == pytest.approx(expected["roc_auc"], abs=1e-4)
    assert found["brier_score"][0] == pytest.approx(expected["brier_score"])
    assert found["calibration_error"][0] == pytest.approx(expected["calibration_error"])


def test_the_metrics_of_a_regression_are_those_of_its_training() -> None:
    actual = GENERATOR.normal(3, 2, 3000)
    predicted = actual + GENERATOR.normal(0, 1, 3000)
    expected = compute_metrics("regression", actual, predicted[:, np.newaxis])

    found = metrics_of("regression", day_totals("regression", predicted, actual, DAYS).resampled(ALL_DAYS))

    assert {name: values[0] for name, values in found.items()} == pytest.approx(
        {name: expected[name] for name in found}
    )


def test_the_accuracy_is_the_share_of_right_labels() -> None:
    totals = day_totals(
        "multiclass", np.array([0.0, 1, 2, 2]), np.array([0.0, 1, 1, 2]), np.array([0, 0, 1, 1])
    )

    found = metrics_of("multiclass", totals.resampled(np.array([[1.0, 1.0], [2.0, 0.0]])))

    assert found["accuracy"].tolist() == [0.75, 1.0]


def test_the_noise_is_the_calibration_error_of_a_calibrated_model() -> None:
    errors, noise = [], 0.0
    for _ in range(40):
        probability = GENERATOR.beta(2, 4, 500)
        actual = (GENERATOR.random(500) < probability).astype(float)
        sums = day_totals("binary", probability, actual, np.zeros(500, dtype=int)).resampled(np.ones((1, 1)))
        errors.append(metrics_of("binary", sums)["calibration_error"][0])
        noise = calibration_noise(sums)[0]

    assert np.mean(errors) == pytest.approx(noise, rel=0.15)
