"""Comparison of predictions with golden ones."""

from typing import Any

import pytest

from bundle import GOLDEN_TOLERANCE, Golden


@pytest.mark.parametrize(
    ("prediction", "matches"),
    [
        ({"label": "yes", "probability": 0.5}, True),
        ({"label": "yes", "probability": 0.5 + GOLDEN_TOLERANCE / 2}, True),
        ({"label": "yes", "probability": 0.5 - 2 * GOLDEN_TOLERANCE}, False),
        ({"label": "no", "probability": 0.5}, False),
        ({"label": "yes", "probability": "0.5"}, False),
        ({"label": "yes", "probability": None}, False),
        ({"label": "yes"}, False),
        ({"label": "yes", "probability": 0.5, "more": 1}, False),
    ],
)
def test_a_prediction_matches_with_equal_labels_and_numbers_within_the_tolerance(
    prediction: dict[str, Any], matches: bool
) -> None:
    assert Golden(instance={}, prediction={"label": "yes", "probability": 0.5}).matches(prediction) == matches
