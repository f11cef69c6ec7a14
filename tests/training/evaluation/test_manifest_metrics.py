from dataclasses import replace

import pytest

from tests.training.toys import TOY, fitted_toy
from training.evaluation.manifest_metrics import manifest_metrics


def test_every_situation_has_metrics_and_the_first_without_a_suffix() -> None:
    # Given a pipeline's outputs for the test rows, and the same with swapped labels as second situation
    _, split, fitted = fitted_toy()
    output = fitted.outputs(split.test)["early"]

    # When the metrics are computed
    values = manifest_metrics(TOY, split, {"early": output, "late": output[:, ::-1]}).values

    # Then each situation has its own metrics, and so has the constant baseline
    assert values["roc_auc"] == pytest.approx(1 - values["roc_auc_late"])
    assert values["roc_auc_baseline"] == 0.5
    assert values["base_rate"] == pytest.approx(split.test.target.mean())
    assert values["average_precision_baseline"] == pytest.approx(values["base_rate"])
    mean, rate = split.train.target.mean(), split.test.target.mean()
    assert values["brier_score_baseline"] == pytest.approx(
        rate * (1 - mean) ** 2 + (1 - rate) * mean**2, abs=1e-6
    )


def test_a_sentence_explains_test_rows_suffixes_and_threshold() -> None:
    _, split, fitted = fitted_toy()

    sentence = manifest_metrics(TOY, split, fitted.outputs(split.test)).split

    assert "The last 20% by time, 2024-02-02 to 2024-02-09 (80 rows), never learned from" in sentence
    assert "Without suffix: early on, _late: later, _baseline: always the mean" in sentence
    assert "The threshold 0.2 follows from its price: a missed yes costs 4 false alarms." in sentence


def test_a_price_of_one_false_alarm_is_in_the_singular() -> None:
    _, split, fitted = fitted_toy()

    sentence = manifest_metrics(replace(TOY, missed_cost=1), split, fitted.outputs(split.test)).split

    assert "The threshold 0.5 follows from its price: a missed yes costs 1 false alarm." in sentence
