"""A scaled variant in the process of the test: its metric, its alarms and a clock that the test moves."""

from collections.abc import Mapping
from typing import Any

from local.cloudwatch.alarms.alarm_schedule import AlarmClock
from local.cloudwatch.metrics.metric_feed import MetricFeed
from local.emulator.scaling.autoscaling import ApplicationAutoScaling
from local.emulator.scaling.scalable_target import DIMENSION, NAMESPACE, ScalableTarget
from local.emulator.scaling.variant_capacity import Capacity

SPEED = 60.0
# At the end of an interval of every length.
_START = 1_700_000_040.0
_SERIES = {"EndpointName": "endpoint", "VariantName": "primary"}


def target_properties(least: int, most: int, **others: Any) -> Mapping[str, Any]:
    """Returns the properties of the scalable target of the variant."""
    return {
        "ServiceNamespace": NAMESPACE,
        "ScalableDimension": DIMENSION,
        "ResourceId": "endpoint/endpoint/variant/primary",
        "MinCapacity": least,
        "MaxCapacity": most,
        **others,
    }


def policy_properties(target: float, **settings: Any) -> Mapping[str, Any]:
    """Returns the properties of a policy on concurrent requests."""
    metric = "SageMakerVariantConcurrentRequestsPerModelHighResolution"
    return {
        "PolicyName": "policy",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
            "TargetValue": target,
            "ScaleOutCooldown": 60,
            "ScaleInCooldown": 300,
            **settings,
        },
    }


class FakeCapacity:
    """Capacity of a variant without instances.

    Attributes:
        count: The capacity; None while it is changing.
        changes: The capacities that were set.
        is_there: Whether the variant exists.
    """

    def __init__(self, count: int) -> None:
        self.count: int | None = count
        self.changes: list[int] = []
        self.is_there = True

    def exists(self, _target: ScalableTarget) -> bool:
        """Whether the variant exists."""
        return self.is_there

    def read(self, _target: ScalableTarget) -> int | None:
        """Returns the capacity."""
        return self.count

    def change(self, _target: ScalableTarget, capacity: int) -> None:
        """Sets the capacity."""
        self.count = capacity
        self.changes.append(capacity)


class ScaledVariant:
    """A variant with its scaling.

    Args:
        capacity: Its capacity.

    Attributes:
        feed: Records metrics at the time of the clock.
        scaling: Application Auto Scaling.
    """

    def __init__(self, capacity: Capacity) -> None:
        self._now = _START
        self.feed = MetricFeed(clock=lambda: self._now)
        self.scaling = ApplicationAutoScaling(capacity, speed=SPEED, clock=lambda: self._now)
        self._alarms = AlarmClock(speed=SPEED, clock=lambda: self._now, react=self.scaling.tick)

    def pass_seconds(self, seconds: float = 10) -> None:
        """Lets seconds of AWS pass, and then evaluates the alarms and scales."""
        self._now += seconds / SPEED
        self._alarms.tick()

    def load(self, concurrent: float, *, periods: int = 1) -> None:
        """Lets periods of ten seconds pass, each with a datapoint of concurrent requests."""
        for _ in range(periods):
            self.feed(
                "AWS/SageMaker", "ConcurrentRequestsPerModel", concurrent, unit="Count", dimensions=_SERIES
            )
            self.pass_seconds()
