"""Comparison of the predictions of two contenders."""

from typing import Any

import pytest

from benchmarks.equal_predictions import check_same
from benchmarks.errors import BenchmarkError

OURS: list[dict[str, Any]] = [{"label": "a", "probability": 0.25}, {"label": "b", "probability": 0.75}]


def test_predictions_within_the_tolerance_are_equal() -> None:
    check_same([OURS[0], {"label": "b", "probability": 0.75009}], OURS)


@pytest.mark.parametrize(
    "second",
    [
        {"label": "b", "probability": 0.7502},
        {"label": "a", "probability": 0.75},
        {"label": "b"},
        {"label": "b", "probability": "0.75"},
        {"label": "b", "probability": float("nan")},
    ],
)
def test_the_error_for_a_different_prediction_names_its_row(second: dict[str, Any]) -> None:
    with pytest.raises(BenchmarkError, match="row 1"):
        check_same([OURS[0], second], OURS)


def test_a_response_with_missing_predictions_is_an_error() -> None:
    with pytest.raises(BenchmarkError, match="1 predictions for 2 rows"):
        check_same(OURS[:1], OURS)


def test_warnings_which_only_one_contender_has_are_not_compared() -> None:
    ours = {"label": "yes", "probability": 0.5, "warnings": [{"kind": "little_known"}]}

    check_same([{"label": "yes", "probability": 0.5}], [ours])
    with pytest.raises(BenchmarkError):
        check_same([{"label": "no", "probability": 0.5}], [ours])
