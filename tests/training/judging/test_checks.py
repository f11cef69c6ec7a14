"""The rule on made-up figures: where a challenger is worse, unclear, lost or suspicious."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.training.toys import TOY
from training.errors import TrainingError
from training.judging.checks import quality_checks, slice_check, speed_check
from training.judging.differences import Difference
from training.judging.judge_settings import JudgeSettings, read_judge_settings
from training.judging.slice_differences import PartDifference

RULE = JudgeSettings()
MODEL = replace(TOY, situations=TOY.situations[1:])
EQUAL = Difference(champion=0.7, challenger=0.7, difference=0.0, low=-0.01, high=0.01)
NAN = float("nan")


def difference(champion: float, challenger: float, noise: float) -> Difference:
    value = champion - challenger
    return Difference(
        champion=champion, challenger=challenger, difference=value, low=value - noise, high=value + noise
    )


def failed(changed: Mapping[str, Difference], promised: float | None = None) -> dict[str, str]:
    fine = {
        "roc_auc": EQUAL,
        "brier_score": difference(0.2, 0.2, 0.001),
        "calibration_error": difference(0.02, 0.02, 0.01),
    }
    checks = quality_checks(MODEL, MODEL.situations[0], {**fine, **changed}, promised, RULE)
    return {check.name: check.sentence for check in checks if not check.passes}


def test_equal_models_pass() -> None:
    assert failed({}) == {}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"roc_auc": difference(0.70, 0.68, 0.01)}, "worse beyond noise"),
        ({"roc_auc": difference(0.70, 0.69, 0.06)}, "may be worse by more than 0.05"),
        ({"roc_auc": difference(0.70, 0.69, NAN)}, "one day does not show how much days differ"),
        ({"brier_score": difference(0.200, 0.204, 0.001)}, "worse beyond noise"),
        ({"brier_score": difference(0.200, 0.201, 0.010)}, "may be worse by more than 5%"),
        ({"calibration_error": difference(0.02, 0.08, 0.01)}, "above 0.05 and worse beyond noise"),
    ],
)
def test_a_loss_beyond_noise_is_a_reason(changed: dict[str, Difference], words: str) -> None:
    reasons = failed(changed)

    assert reasons.keys() == changed.keys()
    assert words in next(iter(reasons.values()))


@pytest.mark.parametrize(
    "changed",
    [
        {"roc_auc": difference(0.70, 0.695, 0.001)},
        {"roc_auc": difference(0.70, 0.68, 0.025)},
        {"brier_score": difference(0.200, 0.1, 0.001)},
        {"calibration_error": difference(0.01, 0.05, 0.01)},
        {"calibration_error": difference(0.09, 0.10, 0.005)},
    ],
)
def test_noise_of_fits_and_of_days_is_no_reason(changed: dict[str, Difference]) -> None:
    assert failed(changed) == {}


@pytest.mark.parametrize(
    ("champion", "challenger", "promised", "suspected"),
    [
        (0.7, 0.86, 0.7, True),
        (0.7, 0.84, 0.7, False),
        # Both know a field that knows the outcome.
        (0.99, 0.995, 0.7, True),
        (0.99, 0.992, None, False),
        # A champion that is worse than chance.
        (0.3, 0.7, 0.5, False),
    ],
)
def test_more_than_half_of_what_lacks_to_a_perfect_score_is_suspicious(
    champion: float, challenger: float, promised: float | None, suspected: bool
) -> None:
    reasons = failed({"roc_auc": difference(champion, challenger, 0.001)}, promised)

    assert ("leak" in reasons) is suspected
    assert not suspected or "A person has to look" in reasons["leak"]


def part(loss: float, noise: float) -> PartDifference:
    found = difference(0.7, 0.7 - loss, noise)
    return PartDifference(
        champion=found.champion,
        challenger=found.challenger,
        difference=found.difference,
        low=found.low,
        high=found.high,
        slice="carrier",
        part="AA",
        situation="later",
        rows=500,
        metric="roc_auc",
    )


@pytest.mark.parametrize(
    ("loss", "noise", "passes"), [(0.1, 0.05, False), (0.1, 0.11, True), (0.04, 0.01, True)]
)
def test_a_part_is_lost_beyond_noise_and_beyond_the_loss_that_does_not_matter(
    loss: float, noise: float, passes: bool
) -> None:
    check = slice_check([part(loss, noise)], RULE)

    assert check.passes is passes
    assert "carrier AA (later, 500 rows)" in check.sentence


@pytest.mark.parametrize(
    ("champion", "challenger", "passes"), [(5.0, 14.9, True), (5.0, 15.1, False), (0.1, 1.9, True)]
)
def test_a_graph_that_is_much_slower_is_refused(champion: float, challenger: float, passes: bool) -> None:
    assert speed_check((champion, challenger), RULE).passes is passes


def test_settings_are_read_from_texts() -> None:
    assert read_judge_settings({"min_days": "3", "slice_loss": "0.1"}) == JudgeSettings(
        min_days=3, slice_loss=0.1
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"days": "3"}, "The judge has no setting 'days': there are min_rows, "),
        ({"min_rows": "0"}, r"A setting of the judge is wrong .*min_rows"),
        ({"min_learned": "2"}, r"A setting of the judge is wrong .*min_learned"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(TrainingError, match=sentence):
        read_judge_settings(settings)
