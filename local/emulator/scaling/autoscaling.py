"""Application Auto Scaling: scalable targets, their policies, and the activities that follow from alarms."""

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ministack.services import cloudwatch

from local.cloudwatch.alarms.datapoints import evaluation_range
from local.cloudwatch.alarms.evaluation import ALARM
from local.cloudwatch.alarms.metric_alarm import MetricAlarm
from local.emulator.scaling.scalable_target import ScalableTarget
from local.emulator.scaling.scaling_activity import ScalingActivity
from local.emulator.scaling.target_tracking import TargetTrackingPolicy
from local.emulator.scaling.variant_capacity import Capacity
from local.sagemaker.errors import SageMakerError

_STATE = ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp")

logger = logging.getLogger(__name__)


class ApplicationAutoScaling:
    """Scales variants of endpoints.

    Args:
        capacity: Reads and sets the capacity of a variant.
        speed: Seconds of AWS in one second here.
        clock: Returns seconds since 1970.

    Attributes:
        speed: The same.
    """

    def __init__(self, capacity: Capacity, *, speed: float, clock: Callable[[], float] = time.time) -> None:
        self._capacity = capacity
        self.speed = speed
        self._clock = clock
        self._targets: dict[str, ScalableTarget] = {}

    @property
    def targets(self) -> Mapping[str, ScalableTarget]:
        """The scalable targets by physical id."""
        return self._targets

    def register(self, properties: Mapping[str, Any]) -> ScalableTarget:
        """Registers a scalable target, or changes its bounds.

        Raises:
            ValueError: The variant does not exist, or the bounds are wrong.
        """
        wanted = ScalableTarget.from_properties(properties)
        if not self._capacity.exists(wanted):
            raise ValueError(f"There is no {wanted.resource_id}: create the endpoint before its scaling.")
        wanted.created = self._clock()
        target = self._targets.setdefault(wanted.physical_id, wanted)
        target.least, target.most = wanted.least, wanted.most
        self._scale(target)
        return target

    def deregister(self, physical_id: str) -> None:
        """Removes a scalable target with its policies, if it exists; the variant keeps its capacity."""
        if target := self._targets.pop(physical_id, None):
            for policy in target.policies.values():
                _delete_alarms(policy)

    def variants_of(self, endpoint: str) -> set[str]:
        """Returns the variants of an endpoint that are scalable targets."""
        return {target.variant for target in self._targets.values() if target.endpoint == endpoint}

    def put_policy(self, physical_id: str, properties: Mapping[str, Any]) -> TargetTrackingPolicy:
        """Creates a policy of a scalable target, or replaces the one of this name.

        Raises:
            ValueError: There is no such target, or it cannot follow this policy.
        """
        target = self._targets.get(physical_id)
        if target is None:
            raise ValueError(f"No scalable target found for {physical_id}.")
        policy = TargetTrackingPolicy.from_properties(properties, resource_id=target.resource_id)
        old = target.policies.get(policy.name)
        policy = replace(
            policy, created=old.created if old else self._clock(), id=old.id if old else policy.id
        )
        for record in policy.alarms(now=self._clock()):
            # An updated alarm keeps its state.
            kept = cloudwatch._alarms.get(record["AlarmName"], {})
            state = {name: kept[name] for name in _STATE if name in kept}
            cloudwatch.cloudformation_put_metric_alarm(record | state)
        target.policies[policy.name] = policy
        return policy

    def delete_policy(self, arn: str) -> None:
        """Deletes a policy and its alarms, if it exists."""
        for target in self._targets.values():
            for policy in [one for one in target.policies.values() if one.arn == arn]:
                _delete_alarms(policy)
                del target.policies[policy.name]

    def tick(self) -> None:
        """Scales each target by the states of its alarms, which are evaluated before.

        The deletion of an endpoint deregisters its variants:
        https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html
        """
        for physical_id, target in list(self._targets.items()):
            try:
                if self._capacity.exists(target):
                    self._scale(target)
                else:
                    self.deregister(physical_id)
            except Exception:
                # The other targets must go on.
                logger.exception("%s cannot be scaled.", target.resource_id)

    def _scale(self, target: ScalableTarget) -> None:
        capacity, now = self._capacity.read(target), self._clock() * self.speed
        if capacity is None:
            return
        if target.last and target.last.ended is None:
            target.last.ended = now
        wanted, cause = self._wanted(target, capacity, now)
        if wanted == capacity:
            return
        activity = ScalingActivity(before=capacity, after=wanted, cause=cause, started=now)
        logger.info("%s: %s", target.resource_id, activity)
        try:
            self._capacity.change(target, wanted)
        except SageMakerError as error:
            logger.warning("%s keeps its capacity: %s", target.resource_id, error)
        else:
            target.activities.append(activity)

    def _wanted(self, target: ScalableTarget, capacity: int, now: float) -> tuple[int, str]:
        """Returns the capacity that a target should have, and the cause.

        Of several policies, the largest capacity counts; capacity is removed only if all of them allow it.
        https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
        """
        if (bounded := target.bounded(capacity)) != capacity:
            bound = "minimum" if bounded > capacity else "maximum"
            return bounded, f"{bound} capacity was set to {bounded}"
        asked = []
        for policy in target.policies.values():
            wanted, alarm = self._asked(policy, target, capacity, now)
            cause = f"monitor alarm {alarm} in state ALARM triggered policy {policy.name}"
            asked.append((target.bounded(wanted), cause))
        return max(asked, default=(capacity, ""))

    def _asked(
        self, policy: TargetTrackingPolicy, target: ScalableTarget, capacity: int, now: float
    ) -> tuple[int, str]:
        for name, ask in ((policy.high_alarm, policy.scale_out), (policy.low_alarm, policy.scale_in)):
            record = cloudwatch._alarms.get(name)
            if record and record["StateValue"] == ALARM:
                value = self._last_value(MetricAlarm.from_record(record))
                if value is not None:
                    return ask(capacity, value, last=target.last, now=now), name
        return capacity, ""

    def _last_value(self, alarm: MetricAlarm) -> float | None:
        """Returns the last datapoint that the alarm's evaluation has seen."""
        interval = alarm.interval / self.speed
        end = math.floor(self._clock() / interval) * interval
        found = evaluation_range(alarm, end=end, speed=self.speed)
        return next((point.value for point in reversed(found) if point.value is not None), None)


def _delete_alarms(policy: TargetTrackingPolicy) -> None:
    for name in (policy.high_alarm, policy.low_alarm):
        cloudwatch.cloudformation_delete_metric_alarm(name)
