"""Target tracking scaling policy: its two alarms, and the capacity that it asks for.

https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
"""

import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from local.arns import alarm_arn
from local.cloudwatch.alarms.metric_alarm import AlarmRecord
from local.emulator.scaling.scaling_activity import ScalingActivity
from local.local_aws import ACCOUNT, REGION

_TYPE = "TargetTrackingScaling"
# Default of SageMaker's variants:
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
_COOLDOWN_SECONDS = 300
# "typically more than 10% lower": see the page of the module.
_LOW_SHARE = 0.9
# Application Auto Scaling does not document its alarms. Observed are 3 datapoints above the target and 15
# minutes below: https://github.com/aws/copilot-cli/issues/4233
_HIGH_DATAPOINTS, _LOW_SECONDS = 3, 900
# Digits of a capacity: a sum of thirds is not exact.
_CAPACITY_DIGITS = 6


class _Metric(NamedTuple):
    name: str
    statistic: str
    period: int


# Names, statistics and resolution of the metrics:
# https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-policy.html
# https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
_METRICS = {
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": _Metric(
        "ConcurrentRequestsPerModel", "Maximum", 10
    ),
    "SageMakerVariantInvocationsPerInstance": _Metric("InvocationsPerInstance", "Sum", 60),
}


@dataclass(frozen=True, kw_only=True)
class TargetTrackingPolicy:
    """A target tracking scaling policy.

    Attributes:
        name: PolicyName.
        resource_id: ResourceId of its scalable target.
        metric: PredefinedMetricType.
        target: TargetValue.
        out_cooldown: ScaleOutCooldown, in seconds of AWS.
        in_cooldown: ScaleInCooldown, in seconds of AWS.
        scales_in: Whether it may remove capacity.
        id: Part of its ARN and of the names of its alarms.
        created: When it was created, in seconds since 1970.
    """

    name: str
    resource_id: str
    metric: str
    target: float
    out_cooldown: float = _COOLDOWN_SECONDS
    in_cooldown: float = _COOLDOWN_SECONDS
    scales_in: bool = True
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: float = 0.0

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any], *, resource_id: str) -> "TargetTrackingPolicy":
        """Reads the parameters of PutScalingPolicy.

        Raises:
            ValueError: It does not track one of the predefined metrics of a variant.
        """
        settings = properties.get("TargetTrackingScalingPolicyConfiguration") or {}
        metric = (settings.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
        if properties["PolicyType"] != _TYPE or metric not in _METRICS:
            raise ValueError(
                f"Policy {properties['PolicyName']}: AWS on this machine scales by PolicyType {_TYPE} with "
                f"PredefinedMetricType {' or '.join(_METRICS)} only."
            )
        return cls(
            name=properties["PolicyName"],
            resource_id=resource_id,
            metric=metric,
            target=float(settings["TargetValue"]),
            out_cooldown=float(settings.get("ScaleOutCooldown", _COOLDOWN_SECONDS)),
            in_cooldown=float(settings.get("ScaleInCooldown", _COOLDOWN_SECONDS)),
            scales_in=str(settings.get("DisableScaleIn", False)).lower() != "true",
        )

    @property
    def arn(self) -> str:
        """Its ARN."""
        policy = f"scalingPolicy:{self.id}:resource/sagemaker/{self.resource_id}:policyName/{self.name}"
        return f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:{policy}"

    @property
    def high_alarm(self) -> str:
        """The name of the alarm that scales out."""
        return f"TargetTracking-{self.resource_id}-AlarmHigh-{self.id}"

    @property
    def low_alarm(self) -> str:
        """The name of the alarm that scales in."""
        return f"TargetTracking-{self.resource_id}-AlarmLow-{self.id}"

    def alarms(self, *, now: float) -> Iterator[AlarmRecord]:
        """Yields MiniStack's records of its two alarms, new at this time in seconds since 1970."""
        low_datapoints = _LOW_SECONDS // _METRICS[self.metric].period
        yield self._alarm(self.high_alarm, "GreaterThanThreshold", self.target, _HIGH_DATAPOINTS, now)
        yield self._alarm(self.low_alarm, "LessThanThreshold", self.target * _LOW_SHARE, low_datapoints, now)

    def scale_out(self, capacity: int, value: float, *, last: ScalingActivity | None, now: float) -> int:
        """Returns the capacity that brings the metric down to the target, in proportion.

        During the cooldown of a scale-out, its added capacity counts as part of the next one.

        Args:
            capacity: The present capacity.
            value: The last datapoint of the metric, for each instance.
            last: The last activity.
            now: The time in seconds of AWS.
        """
        is_cooling = last and last.is_scale_out and last.cools_down(now, cooldown=self.out_cooldown)
        return max(capacity, self._proportional(last.before if last and is_cooling else capacity, value))

    def scale_in(self, capacity: int, value: float, *, last: ScalingActivity | None, now: float) -> int:
        """Returns the capacity that brings the metric up to the target; the present one during a cooldown."""
        is_cooling = last and not last.is_scale_out and last.cools_down(now, cooldown=self.in_cooldown)
        if is_cooling or not self.scales_in:
            return capacity
        return min(capacity, self._proportional(capacity, value))

    def _proportional(self, capacity: int, value: float) -> int:
        return math.ceil(round(capacity * value / self.target, _CAPACITY_DIGITS))

    def _alarm(
        self, name: str, comparison: str, threshold: float, datapoints: int, now: float
    ) -> AlarmRecord:
        metric = _METRICS[self.metric]
        _, endpoint, _, variant = self.resource_id.split("/")
        return {
            "AlarmName": name,
            "AlarmArn": alarm_arn(name),
            "AlarmDescription": f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {self.arn}.",
            "MetricName": metric.name,
            "Namespace": "AWS/SageMaker",
            "Dimensions": [
                {"Name": "EndpointName", "Value": endpoint},
                {"Name": "VariantName", "Value": variant},
            ],
            "Statistic": metric.statistic,
            "ExtendedStatistic": None,
            "Period": metric.period,
            "EvaluationPeriods": datapoints,
            "Threshold": threshold,
            "ComparisonOperator": comparison,
            "TreatMissingData": "missing",
            "StateValue": "INSUFFICIENT_DATA",
            "StateReason": "Unchecked: Initial alarm creation",
            "StateUpdatedTimestamp": int(now),
            "ActionsEnabled": True,
            "AlarmActions": [self.arn],
            "OKActions": [],
            "InsufficientDataActions": [],
            "Unit": None,
        }
