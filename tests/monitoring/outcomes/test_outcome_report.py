"""Report of outcomes: intervals over days, and a promise that is kept or broken."""

import datetime
from typing import Any

import numpy as np
import pytest
from scipy import stats

from bundle import Manifest, Metrics
from monitoring.outcomes.joined_outcomes import JoinedOutcomes
from monitoring.outcomes.outcome_files import Outcomes
from monitoring.outcomes.outcome_report import OutcomeReport, report_outcomes, student_quantile
from tests.tiny_bundle import tiny_manifest

FIRST = datetime.date(2026, 2, 1)


def promise(**values: float) -> Manifest:
    return tiny_manifest(metrics=Metrics(split="The last 20% by time.", values=values))


def joined_days(days: int, *, rows: int, seed: int, skill: float, effect: float = 0.5) -> JoinedOutcomes:
    """Outcomes of days that differ: each day has an effect of its own on all its rows.

    Probabilities have the weight `skill` of what is to be known; they are calibrated on average with skill 1.
    """
    generator = np.random.default_rng(seed)
    known = generator.normal(-1, 1, (days, rows))
    level = generator.normal(0, effect, (days, 1))
    actual = generator.random((days, rows)) < 1 / (1 + np.exp(-known - level))
    predicted = 1 / (1 + np.exp(-(skill * known + (skill - 1))))
    dates = [FIRST + datetime.timedelta(days=day) for day in range(days) for _ in range(rows)]
    return JoinedOutcomes(
        days=dates, predicted=predicted.ravel().tolist(), actual=actual.ravel().astype(float).tolist()
    )


def report(manifest: Manifest, joined: JoinedOutcomes, **counts: Any) -> OutcomeReport:
    return report_outcomes(manifest, Outcomes(**counts), joined)


# Figures of 100,000 rows of joined_days with skill 1.
PROMISE = {"roc_auc": 0.737, "brier_score": 0.173, "calibration_error": 0.01}


@pytest.mark.slow
def test_a_kept_promise_raises_at_most_one_false_alarm_in_fifty_months() -> None:
    found = [report(promise(**PROMISE), joined_days(28, rows=40, seed=seed, skill=1.0)) for seed in range(50)]

    assert sum(one.is_alarm for one in found) <= 1
    assert {one.status for one in found} <= {"kept", "broken"}


@pytest.mark.parametrize("seed", range(5))
def test_a_model_that_has_lost_its_skill_breaks_the_promise(seed: int) -> None:
    found = report(promise(**PROMISE), joined_days(28, rows=100, seed=seed, skill=-0.5))

    assert found.status == "broken"
    assert found.sentence.startswith("The model is worse than its manifest promises, by 2,800 outcomes of 28")
    assert "roc_auc is 0.2" in found.sentence


def test_the_interval_is_as_wide_as_the_days_differ() -> None:
    alike = report(promise(**PROMISE), joined_days(28, rows=100, seed=1, skill=1.0, effect=0.0))
    apart = report(promise(**PROMISE), joined_days(28, rows=100, seed=1, skill=1.0, effect=2.0))

    widths = []
    for one in (alike, apart):
        [brier] = [metric for metric in one.metrics if metric.name == "brier_score"]
        low, live, high = brier.low or 0.0, brier.live or 0.0, brier.high or 0.0
        assert 0 < low < live < high
        widths.append(high - low)
    assert widths[1] > 2 * widths[0]


def test_few_days_give_figures_without_a_verdict() -> None:
    found = report(promise(**PROMISE), joined_days(3, rows=1000, seed=1, skill=-1.0))

    assert found.status == "too_few"
    assert found.sentence == "A verdict needs 200 outcomes of 7 days, and there are 3,000 outcomes of 3 days."
    assert {metric.name for metric in found.metrics} == PROMISE.keys()
    assert all(metric.live is not None and metric.low is None for metric in found.metrics)


def test_outcomes_of_one_label_have_no_auc() -> None:
    joined = joined_days(8, rows=50, seed=1, skill=1.0)
    joined.actual = [0.0] * joined.size

    auc, brier, _ = report(promise(**PROMISE), joined).metrics

    assert (auc.name, auc.live, auc.promised) == ("roc_auc", None, 0.737)
    assert brier.live is not None


def test_without_outcomes_there_is_a_sentence_and_the_counts() -> None:
    joined = JoinedOutcomes(not_captured=2)

    found = report(promise(), joined, values={"a": {0: 1.0, 1: 0.0}}, bad=3, named=["one"])

    assert (found.status, found.outcomes, found.not_captured, found.bad) == ("no_outcomes", 2, 2, 3)
    assert found.bad_rows == ("one",)


@pytest.mark.parametrize("freedom", [6, 13, 27])
def test_the_quantile_is_that_of_students_t(freedom: int) -> None:
    for normal in (1.96, 2.878):
        expected = stats.t.ppf(stats.norm.cdf(normal), freedom)
        assert student_quantile(normal, freedom) == pytest.approx(expected, rel=0.01)
