"""Configuration of a metric alarm, read from MiniStack's record of it."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ministack.services import cloudwatch

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_PERCENTILE = re.compile(r"p\d{1,2}(\.\d+)?|p100")
_HIGH_RESOLUTION_SECONDS = (10, 20, 30)
_MINUTE_SECONDS, _HOUR_SECONDS, _DAY_SECONDS = 60, 3600, 86_400

# MiniStack's record of an alarm, with the members of DescribeAlarms.
AlarmRecord = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class MetricAlarm:
    """A metric alarm on one metric.

    Attributes:
        series: Key of the metric in MiniStack's table: namespace, name, dimensions.
        unit: Unit that a datapoint must have, None for any.
        statistic: Statistic or percentile, such as Sum or p99.
        period: Length of a datapoint in seconds of AWS.
        evaluation_periods: Number of datapoints that decide (N).
        datapoints_to_alarm: Number of breaching datapoints for ALARM (M).
        has_datapoints_to_alarm: Whether the alarm sets this number; otherwise it is N.
        threshold: Threshold.
        comparison: Comparison operator, such as GreaterThanThreshold.
        missing_data: breaching, notBreaching, ignore or missing.
    """

    series: tuple[str, str, str]
    unit: str | None
    statistic: str
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    has_datapoints_to_alarm: bool
    threshold: float
    comparison: str
    missing_data: str

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "MetricAlarm":
        """Reads MiniStack's record."""
        dimensions = cloudwatch._dims_from_list(record.get("Dimensions") or [])
        periods = int(record["EvaluationPeriods"])
        given = record.get("DatapointsToAlarm")
        return cls(
            series=(record["Namespace"], record["MetricName"], cloudwatch._dims_key(dimensions)),
            unit=record.get("Unit") or None,
            statistic=record.get("ExtendedStatistic") or record["Statistic"],
            period=int(record["Period"]),
            evaluation_periods=periods,
            datapoints_to_alarm=int(given or periods),
            has_datapoints_to_alarm=given is not None,
            threshold=float(record["Threshold"]),
            comparison=record["ComparisonOperator"],
            missing_data=record.get("TreatMissingData") or "missing",
        )

    def is_breaching(self, value: float | None) -> bool:
        """Returns true when a datapoint breaches the threshold; None, a missing datapoint, never does."""
        return value is not None and _COMPARISONS[self.comparison](value, self.threshold)

    @property
    def interval(self) -> int:
        """Seconds of AWS from one evaluation to the next.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
        """
        if self.period < _MINUTE_SECONDS:
            return _HIGH_RESOLUTION_SECONDS[0]
        is_over_a_day = self.period * self.evaluation_periods > _DAY_SECONDS
        return _HOUR_SECONDS if is_over_a_day else _MINUTE_SECONDS


def check_alarm(record: Mapping[str, Any]) -> str:
    """Returns why an alarm is refused, by AWS or on this machine only; "" for one that is accepted."""
    period, statistic = record.get("Period"), record.get("ExtendedStatistic")
    if not record.get("MetricName") or not record.get("Namespace"):
        return "AWS on this machine evaluates alarms on one metric only: give MetricName and Namespace."
    if record.get("ComparisonOperator") not in _COMPARISONS:
        return (
            f"AWS on this machine evaluates the comparison operators {', '.join(_COMPARISONS)} only, "
            f"and not {record.get('ComparisonOperator')}."
        )
    if statistic and not _PERCENTILE.fullmatch(statistic):
        return f"AWS on this machine evaluates percentiles such as p99 only, and not {statistic}."
    if not isinstance(period, int) or not _is_period(period):
        return "Period must be 10, 20, 30 or a multiple of 60"
    return ""


def _is_period(seconds: int) -> bool:
    return seconds in _HIGH_RESOLUTION_SECONDS or (seconds > 0 and seconds % _MINUTE_SECONDS == 0)
