"""Datapoints of an alarm: the statistic of its metric in each period."""

import math
from collections import defaultdict
from typing import Any, NamedTuple

from ministack.services import cloudwatch

from local.cloudwatch.alarms.metric_alarm import MetricAlarm

# CloudWatch retrieves more datapoints than it needs, in case some are missing; AWS's example has 5 for 3.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
_EXTRA_PERIODS = 2
# Digits of a quotient that decide in which period a value at the edge of two lies.
_EDGE_DIGITS = 6


class Datapoint(NamedTuple):
    """A period of an alarm.

    Attributes:
        start: Its start, in seconds since 1970.
        value: The statistic, None when the datapoint is missing.
        samples: Number of values of the metric.
    """

    start: float
    value: float | None
    samples: float = 0.0


def evaluation_range(alarm: MetricAlarm, *, end: float, speed: float) -> list[Datapoint]:
    """Returns the datapoints that CloudWatch retrieves for an evaluation, the most recent one last.

    A period of 60 seconds lasts 60 / speed seconds here. The values have the timestamps of this machine's
    clock, and so have the datapoints.

    Args:
        alarm: The alarm.
        end: End of the most recent period, in seconds since 1970.
        speed: Seconds of AWS in one second here.
    """
    length = alarm.period / speed
    count = alarm.evaluation_periods + _EXTRA_PERIODS
    start = end - count * length
    values: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for point in list(cloudwatch._metrics.get(alarm.series) or ()):
        is_of_unit = alarm.unit is None or point["Unit"] == alarm.unit
        if start <= point["Timestamp"] < end and is_of_unit:
            age = math.ceil(round((end - point["Timestamp"]) / length, _EDGE_DIGITS))
            values[min(max(age, 1), count)].append(point)
    return [_datapoint(alarm, end - age * length, values[age]) for age in range(count, 0, -1)]


def _datapoint(alarm: MetricAlarm, start: float, values: list[dict[str, Any]]) -> Datapoint:
    statistics = cloudwatch._calc_stats(values)
    if not statistics:
        return Datapoint(start, None)
    value = cloudwatch._stat_value(statistics, alarm.statistic, values)
    return Datapoint(start, value, statistics["SampleCount"])
