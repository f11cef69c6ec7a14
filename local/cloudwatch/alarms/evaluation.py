"""Evaluation of an alarm: its state after M of N datapoints, some of them missing.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from local.cloudwatch.alarms.datapoints import Datapoint
from local.cloudwatch.alarms.metric_alarm import MetricAlarm

ALARM, OK, INSUFFICIENT_DATA = "ALARM", "OK", "INSUFFICIENT_DATA"


@dataclass(frozen=True, kw_only=True)
class AlarmEvaluation:
    """Outcome of an evaluation.

    Attributes:
        state: ALARM, OK or INSUFFICIENT_DATA; None when the alarm keeps its state.
        received: The datapoints with a value that decided, the most recent one last.
        missing: Number of missing datapoints in the place of others.
    """

    state: str | None
    received: Sequence[Datapoint]
    missing: int


def evaluate(alarm: MetricAlarm, datapoints: Sequence[Datapoint]) -> AlarmEvaluation:
    """Evaluates an alarm.

    The most recent N datapoints with a value decide, also older ones of the evaluation range. Missing
    datapoints count only when the whole range has fewer than N.

    Args:
        alarm: The alarm.
        datapoints: Its evaluation range, the most recent one last.
    """
    received = [point for point in datapoints if point.value is not None][-alarm.evaluation_periods :]
    missing = alarm.evaluation_periods - len(received)
    return AlarmEvaluation(
        state=_state(alarm, datapoints, received, missing), received=received, missing=missing
    )


def _state(
    alarm: MetricAlarm, datapoints: Sequence[Datapoint], received: Sequence[Datapoint], missing: int
) -> str | None:
    needed = alarm.datapoints_to_alarm
    breaching = sum(alarm.is_breaching(point.value) for point in received)
    if breaching >= needed:
        return ALARM
    if missing == 0 or alarm.missing_data == "notBreaching":
        return OK
    if alarm.missing_data == "breaching":
        return ALARM if breaching + missing >= needed else OK
    if breaching < len(received):
        return OK
    if alarm.missing_data == "ignore":
        return None
    if not received:
        return INSUFFICIENT_DATA
    return ALARM if _oldest_breaching(alarm, datapoints) >= needed else OK


def _oldest_breaching(alarm: MetricAlarm, datapoints: Sequence[Datapoint]) -> int:
    """Returns the age in periods of the oldest breaching datapoint; the most recent datapoint's is 1.

    When it is at least M, and no other datapoint is within the threshold, the alarm goes into ALARM with
    fewer than M datapoints: see "Avoiding premature transitions to alarm state" on the same page.
    """
    return max(
        age for age, point in enumerate(reversed(datapoints), start=1) if alarm.is_breaching(point.value)
    )
