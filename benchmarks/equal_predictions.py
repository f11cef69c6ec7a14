"""Comparison of the predictions of two contenders."""

import math
from collections.abc import Sequence
from typing import Any

from benchmarks.errors import BenchmarkError
from bundle import GOLDEN_TOLERANCE

Predictions = Sequence[dict[str, Any]]

# Members of a prediction that other servers do not have.
_OURS = frozenset({"warnings", "interval"})


def check_same(found: Predictions, expected: Predictions) -> None:
    """Raises BenchmarkError unless the labels are equal and the numbers differ by at most 1e-4."""
    if len(found) != len(expected):
        raise BenchmarkError(f"it returned {len(found)} predictions for {len(expected)} rows")
    for row, (one, other) in enumerate(zip(found, expected, strict=True)):
        names = other.keys() - _OURS
        if one.keys() - _OURS != names or not all(_close(one[name], other[name]) for name in names):
            raise BenchmarkError(f"its prediction for row {row} is {one}, and this project's is {other}")


def _close(found: Any, expected: Any) -> bool:
    if isinstance(found, str) or isinstance(expected, str):
        return bool(found == expected)
    return math.isclose(found, expected, rel_tol=0, abs_tol=GOLDEN_TOLERANCE)
