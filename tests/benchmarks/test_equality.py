"""Whether two contenders say the same."""

from typing import Any

import pytest

from benchmarks.equality import check_same
from benchmarks.errors import BenchmarkError

OURS: list[dict[str, Any]] = [{"label": "a", "probability": 0.25}, {"label": "b", "probability": 0.75}]


def test_the_same_to_four_digits_is_the_same() -> None:
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
def test_another_answer_is_told_with_its_row(second: dict[str, Any]) -> None:
    with pytest.raises(BenchmarkError, match="row 1"):
        check_same([OURS[0], second], OURS)


def test_an_answer_that_leaves_rows_out_is_another_one() -> None:
    with pytest.raises(BenchmarkError, match="2 rows with 1"):
        check_same(OURS[:1], OURS)
