"""The judge on flights: an honest retraining passes, and no dishonest one does."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.training.judging.conftest import CHALLENGER_END
from tests.training.judging.trained import judged, train_flights, with_another_field
from training.data.dataset import Dataset
from training.judging.checks import bundle_checks
from training.judging.contender import CHALLENGER, CHAMPION, Contender
from training.judging.judge import JudgeRequest, judge
from training.judging.judge_settings import JudgeSettings
from training.judging.page import write_verdict
from training.judging.verdict import Verdict
from training.progress import SILENT

pytestmark = pytest.mark.slow


def failed(verdict: Verdict) -> set[str]:
    return {check.name for check in verdict.checks if not check.passes}


def leaking(flights: Dataset) -> Dataset:
    """Flights whose departure delay says what happened at the arrival, in 99 of 100."""
    is_wrong = np.random.default_rng(0).random(len(flights)) < 0.01
    delay = np.where((flights.target == 1) != is_wrong, 60.0, -5.0)
    return replace(flights, columns={**flights.columns, "departure_delay": delay})


def test_an_honest_retraining_with_newer_rows_passes(
    champion: Path, retrained: Path, late_flights: Dataset
) -> None:
    verdict = judged(champion, retrained, late_flights).verdict

    assert (verdict.passes, failed(verdict)) == (True, set())
    assert (verdict.start, verdict.end, verdict.days) == ("2013-12-01", "2013-12-31", 31)
    assert verdict.metrics["auc"].low <= verdict.metrics["auc"].difference <= verdict.metrics["auc"].high
    assert {"auc", "brier", "calibration_error", "auc_weather"} <= verdict.metrics.keys()


def test_a_challenger_that_learned_shuffled_labels_never_passes(
    champion: Path, learned_flights: Dataset, late_flights: Dataset, tmp_path: Path
) -> None:
    shuffled = np.random.default_rng(0).permutation(learned_flights.target)
    challenger = train_flights(tmp_path / "out", replace(learned_flights, target=shuffled))

    verdict = judged(champion, challenger, late_flights).verdict

    assert not verdict.passes
    assert {"roc_auc", "brier_score", "slices"} <= failed(verdict)


def test_a_challenger_that_learned_the_outcome_never_passes(
    champion: Path, learned_flights: Dataset, late_flights: Dataset, tmp_path: Path
) -> None:
    # Given a challenger whose rows had the outcome in a field
    challenger = train_flights(tmp_path / "out", leaking(learned_flights))

    # When the judged rows have it too, and when they have it no more
    leak = judged(champion, challenger, leaking(late_flights)).verdict
    no_leak = judged(champion, challenger, late_flights).verdict

    # Then it is suspected, or found to be worse
    assert not leak.passes
    assert any("suspiciously good" in reason for reason in leak.reasons)
    assert not no_leak.passes
    assert "brier_score" in failed(no_leak)


def test_a_challenger_that_learned_from_a_hundredth_never_passes(
    champion: Path, learned_flights: Dataset, late_flights: Dataset, tmp_path: Path
) -> None:
    few = learned_flights.take(np.arange(0, len(learned_flights), 75))
    challenger = train_flights(tmp_path / "out", few)

    verdict = judged(champion, challenger, late_flights).verdict

    assert not verdict.passes
    assert {"learned rows", "roc_auc"} <= failed(verdict)


def test_a_challenger_with_another_field_is_refused_before_the_rows_are_read(
    champion: Path, retrained: Path, tmp_path: Path
) -> None:
    challenger = with_another_field(tmp_path / "model.tar.gz", retrained)

    verdict = judge(
        JudgeRequest(champion=champion, challenger=challenger, data=str(tmp_path / "missing.csv")), SILENT
    ).verdict

    assert not verdict.passes
    (reason,) = verdict.reasons
    assert reason.startswith("The challenger's interface is not the champion's, because of the field gate: ")


def test_rows_that_the_challenger_has_learned_from_are_not_judged(
    champion: Path, retrained: Path, late_flights: Dataset
) -> None:
    assert late_flights.dates is not None
    verdict = judged(champion, retrained, late_flights.take(late_flights.dates <= CHALLENGER_END)).verdict

    assert (verdict.passes, verdict.rows, verdict.metrics) == (False, 0, {})
    assert "newer than 2013-11-30, the last day that the challenger has learned from" in verdict.reasons[0]
    assert "--holdout" in verdict.reasons[0]


def test_few_rows_and_days_are_refused_with_their_figures(
    champion: Path, retrained: Path, late_flights: Dataset
) -> None:
    assert late_flights.dates is not None
    three_days = late_flights.take(late_flights.dates <= CHALLENGER_END + np.timedelta64(3, "D"))

    verdict = judged(champion, retrained, three_days, JudgeSettings(min_rows=5_000)).verdict

    assert not verdict.passes
    assert {"rows", "days"} <= failed(verdict)
    assert "The rows are of 3 days; at least 7 are wanted." in verdict.reasons


def test_the_order_of_the_rows_changes_nothing(
    champion: Path, retrained: Path, late_flights: Dataset, tmp_path: Path
) -> None:
    # Given the same flights in another order within each day
    assert late_flights.dates is not None
    shuffled = np.random.default_rng(1).permutation(len(late_flights))
    order = shuffled[np.argsort(late_flights.dates[shuffled], kind="stable")]

    # When both are judged
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, flights in zip(folders, (late_flights, late_flights.take(order)), strict=True):
        write_verdict(folder, judged(champion, retrained, flights))

    # Then verdicts and pages have the same bytes
    for name in ("verdict.json", "verdict.html"):
        assert len({(folder / name).read_bytes() for folder in folders}) == 1


def test_the_same_version_is_refused_because_there_is_nothing_to_release(champion: Path) -> None:
    contenders = (Contender.read(CHAMPION, champion), Contender.read(CHALLENGER, champion))

    checks = [check for check in bundle_checks(contenders, JudgeSettings()) if not check.passes]

    assert [check.name for check in checks] == ["version"]
    assert "there is nothing to release" in checks[0].sentence
