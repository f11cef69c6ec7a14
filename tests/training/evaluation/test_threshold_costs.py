import numpy as np
import pytest

from training.evaluation.threshold_costs import ThresholdCosts


def test_confusion_counts_and_costs_equal_a_calculation_by_hand() -> None:
    # Given four positives, one of them below 0.25, and six negatives, two of them above 0.25
    target = np.array([1] * 4 + [0] * 6)
    positive = np.array([0.9, 0.3, 0.25, 0.2, 0.5, 0.4, 0.1, 0.1, 0.1, 0.24], dtype=np.float32)
    output = np.column_stack([1 - positive, positive])

    costs = ThresholdCosts.of(target, output, threshold=0.25, missed_cost=3)

    assert (costs.true_positives, costs.false_negatives) == (3, 1)
    assert (costs.false_positives, costs.true_negatives) == (2, 4)
    assert (costs.precision, costs.recall) == (3 / 5, 3 / 4)
    assert costs.cost == pytest.approx(1000 * (2 + 3 * 1) / 10)
    assert costs.cost_all_negative == pytest.approx(1000 * 3 * 4 / 10)
    assert costs.cost_all_positive == pytest.approx(1000 * 6 / 10)
