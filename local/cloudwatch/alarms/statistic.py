"""Statistic of a datapoint, as MiniStack computes it, at a fraction of the time.

Alarms are evaluated each second, over a minute of values and more. MiniStack sums up four statistics of
values with weights each time, which cost as much as the requests that were measured.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ministack.services import cloudwatch

_SIMPLE: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Average": lambda numbers: sum(numbers) / len(numbers),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}


def statistic_of(statistic: str, points: Sequence[Mapping[str, Any]]) -> tuple[float | None, float]:
    """Returns a statistic or percentile of values, None when it has none, and the number of samples.

    Args:
        statistic: Such as Sum or p99.
        points: The values as MiniStack keeps them.
    """
    numbers = [point["Value"] for point in points if "_stat" not in point and "Count" not in point]
    if not numbers or len(numbers) < len(points):
        return _weighted(statistic, points)
    if simple := _SIMPLE.get(statistic):
        return simple(numbers), len(numbers)
    return _percentile(sorted(numbers), float(statistic[1:])), len(numbers)


def _percentile(ordered: Sequence[float], percent: float) -> float | None:
    """Interpolates between the two nearest ranks; CloudWatch has no percentiles of negative values."""
    if ordered[0] < 0:
        return None
    rank = percent / 100.0 * (len(ordered) - 1)
    at, fraction = int(rank), rank % 1.0
    return ordered[at] + fraction * (ordered[at + 1] - ordered[at]) if fraction else ordered[at]


def _weighted(statistic: str, points: Sequence[Mapping[str, Any]]) -> tuple[float | None, float]:
    """Leaves values with counts, and sets of statistics, to MiniStack."""
    statistics = cloudwatch._calc_stats(points)
    if not statistics:
        return None, 0.0
    return cloudwatch._stat_value(statistics, statistic, points), statistics["SampleCount"]
