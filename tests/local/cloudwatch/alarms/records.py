"""Records of alarms as MiniStack keeps them, and datapoints in the notation of AWS's tables."""

from collections.abc import Sequence
from typing import Any

from local.cloudwatch.alarms.datapoints import Datapoint
from local.cloudwatch.alarms.metric_alarm import AlarmRecord, MetricAlarm

ARN = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:errors"
THRESHOLD = 1.0


def alarm_record(**members: Any) -> AlarmRecord:
    """A new alarm: the sum of Errors of endpoint a is above 1 in three of three minutes."""
    return {
        "AlarmName": "errors",
        "AlarmArn": ARN,
        "AlarmDescription": "Too many errors.",
        "MetricName": "Errors",
        "Namespace": "Any",
        "Dimensions": [{"Name": "Endpoint", "Value": "a"}],
        "Statistic": "Sum",
        "ExtendedStatistic": None,
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": THRESHOLD,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "missing",
        "StateValue": "INSUFFICIENT_DATA",
        "StateReason": "Unchecked: Initial alarm creation",
        "StateUpdatedTimestamp": 0,
        "ActionsEnabled": True,
        "AlarmActions": [],
        "OKActions": [],
        "InsufficientDataActions": [],
        "Unit": None,
        **members,
    }


def metric_alarm(**members: Any) -> MetricAlarm:
    return MetricAlarm.from_record(alarm_record(**members))


def datapoints(pattern: str) -> Sequence[Datapoint]:
    """Datapoints of a minute each: 0 is within the threshold, X breaches it, - is missing."""
    values = {"0": 0.0, "X": 2.0, "-": None}
    return [
        Datapoint(60.0 * minute, values[letter], 0.0 if letter == "-" else 1.0)
        for minute, letter in enumerate(pattern.split())
    ]
