"""Datapoints of an alarm: the statistic of its metric in each period."""

import math
from collections import defaultdict
from typing import Any, NamedTuple

from ministack.services import cloudwatch

from local.cloudwatch.alarms.metric_alarm import MetricAlarm
from local.cloudwatch.alarms.statistic import statistic_of

# CloudWatch retrieves more datapoints than it needs, in case some are missing; AWS's example has 5 for 3.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
_EXTRA_PERIODS = 2
# Part of a period by which a value may be too old for it, because quotients are rounded.
_EDGE = 5e-7


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
        at = point["Timestamp"]
        if start <= at < end and (alarm.unit is None or point["Unit"] == alarm.unit):
            values[math.ceil((end - at) / length - _EDGE) or 1].append(point)
    return [_datapoint(alarm, end - age * length, values[age]) for age in range(count, 0, -1)]


def _datapoint(alarm: MetricAlarm, start: float, values: list[dict[str, Any]]) -> Datapoint:
    value, samples = statistic_of(alarm.statistic, values)
    return Datapoint(start, value, samples)
