"""Alarms that roll an update back, and the values that endpoints and functions have in common."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

# How long an update waits with the canary before it goes on.
BAKE_SECONDS = 600
MAX_ERROR_RATE = 0.01
MAX_LATENCY_SECONDS = 1
# Clients cause refusals too; hence the high threshold.
MAX_REFUSAL_RATE = 0.5

HIGH_ERROR_RATE = "The model fails on more than one request in a hundred."
HIGH_REFUSAL_RATE = "More than half of the requests get no prediction from the model."
HIGH_LATENCY = "One request in a hundred takes the model longer than a second."


def make_rollback_alarm(
    scope: Construct,
    id: str,
    metric: cloudwatch.Metric,
    threshold: float,
    description: str,
    *,
    name: str | None = None,
) -> cloudwatch.Alarm:
    """Returns an alarm that two of three datapoints above the threshold raise.

    Args:
        scope: Parent of the alarm.
        id: Construct id of the alarm.
        metric: Metric with a period of one minute.
        threshold: Largest accepted value.
        description: What is wrong while the alarm is raised.
        name: Name of the alarm; by default a generated one.
    """
    return metric.create_alarm(
        scope,
        id,
        alarm_name=name,
        threshold=threshold,
        alarm_description=description,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=3,
        datapoints_to_alarm=2,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
