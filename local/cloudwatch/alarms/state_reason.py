"""Reason of an alarm's state, in CloudWatch's words.

AWS documents no grammar; the sentences are those of its examples and of alarms on AWS, such as
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from local.cloudwatch.alarms.datapoints import Datapoint
from local.cloudwatch.alarms.evaluation import ALARM, INSUFFICIENT_DATA, OK, AlarmEvaluation
from local.cloudwatch.alarms.metric_alarm import MetricAlarm

_COMPARISON_WORDS = {
    "GreaterThanThreshold": "greater than the threshold",
    "GreaterThanOrEqualToThreshold": "greater than or equal to the threshold",
    "LessThanThreshold": "less than the threshold",
    "LessThanOrEqualToThreshold": "less than or equal to the threshold",
}
_TREATMENTS = {"breaching": "Breaching", "notBreaching": "NonBreaching"}


def state_reason(alarm: MetricAlarm, evaluation: AlarmEvaluation) -> str:
    """Returns StateReason."""
    if evaluation.state == INSUFFICIENT_DATA:
        missing = evaluation.missing
        return f"Insufficient Data: {_count(missing, 'datapoint')} {_were(missing)} unknown."
    is_alarm = evaluation.state == ALARM
    shown = [point for point in reversed(evaluation.received) if alarm.is_breaching(point.value) == is_alarm]
    crossing = _crossing(alarm, shown, is_alarm=is_alarm) if shown else _received(alarm, evaluation)
    treated = _treated(alarm, evaluation.missing)
    return f"Threshold Crossed: {crossing}{treated}{_minimum(alarm, is_alarm=is_alarm) if shown else ''}."


def state_reason_data(
    alarm: MetricAlarm, evaluation: AlarmEvaluation, datapoints: Sequence[Datapoint], *, now: float
) -> str:
    """Returns StateReasonData, a JSON document.

    Args:
        alarm: The alarm.
        evaluation: Its evaluation.
        datapoints: The evaluation range.
        now: Time of the evaluation, in seconds since 1970.
    """
    received = evaluation.received
    data: dict[str, Any] = {"version": "1.0", "queryDate": alarm_timestamp(now)}
    if received:
        data["startDate"] = alarm_timestamp(received[0].start)
    if alarm.unit:
        data["unit"] = alarm.unit
    evaluated = reversed(received or datapoints[-alarm.evaluation_periods :])
    data |= {
        "statistic": alarm.statistic,
        "period": alarm.period,
        "recentDatapoints": [point.value for point in received],
        "threshold": alarm.threshold,
        "evaluatedDatapoints": [_evaluated(point) for point in evaluated],
    }
    return json.dumps(data, separators=(",", ":"))


def alarm_timestamp(seconds: float) -> str:
    """Returns a time as CloudWatch writes it in JSON."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def _crossing(alarm: MetricAlarm, shown: Sequence[Datapoint], *, is_alarm: bool) -> str:
    number = (
        f"{len(shown)} out of the last {alarm.evaluation_periods} datapoints"
        if alarm.has_datapoints_to_alarm
        else _count(len(shown), "datapoint")
    )
    verb = f"{_were(len(shown))}{'' if is_alarm else ' not'}"
    return f"{number} [{_listed(shown)}] {verb} {_COMPARISON_WORDS[alarm.comparison]} ({alarm.threshold})"


def _received(alarm: MetricAlarm, evaluation: AlarmEvaluation) -> str:
    number = len(evaluation.received)
    counted = _count(number, "datapoint") if number else "no datapoints"
    return f"{counted} {_were(number)} received for {_count(alarm.evaluation_periods, 'period')}"


def _treated(alarm: MetricAlarm, missing: int) -> str:
    if not missing or alarm.missing_data not in _TREATMENTS:
        return ""
    treatment = _TREATMENTS[alarm.missing_data]
    return f" and {_count(missing, 'missing datapoint')} {_were(missing)} treated as [{treatment}]"


def _minimum(alarm: MetricAlarm, *, is_alarm: bool) -> str:
    if not alarm.has_datapoints_to_alarm:
        return ""
    needed = alarm.datapoints_to_alarm
    if is_alarm:
        return f" (minimum {_count(needed, 'datapoint')} for {OK} -> {ALARM} transition)"
    needed = alarm.evaluation_periods - needed + 1
    return f" (minimum {_count(needed, 'datapoint')} for {ALARM} -> {OK} transition)"


def _listed(points: Iterable[Datapoint]) -> str:
    return ", ".join(
        f"{point.value} ({datetime.fromtimestamp(point.start, UTC):%d/%m/%y %H:%M:%S})" for point in points
    )


def _evaluated(point: Datapoint) -> dict[str, Any]:
    found: dict[str, Any] = {"timestamp": alarm_timestamp(point.start)}
    return found | ({"sampleCount": point.samples, "value": point.value} if point.value is not None else {})


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
