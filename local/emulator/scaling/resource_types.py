"""CloudFormation resource types of Application Auto Scaling: ScalableTarget, ScalingPolicy.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApplicationAutoScaling.html
"""

from local.emulator.resource_types import EmulatedProperties, ProvisionedResource, register
from local.emulator.scaling.autoscaling import ApplicationAutoScaling
from local.emulator.scaling.scalable_target import physical_id

_PREFIX = "AWS::ApplicationAutoScaling::"
_PLACE = ("ResourceId", "ScalableDimension", "ServiceNamespace")


class ScalableTargetType:
    """AWS::ApplicationAutoScaling::ScalableTarget.

    Args:
        scaling: The targets.
    """

    def __init__(self, scaling: ApplicationAutoScaling) -> None:
        self._scaling = scaling

    def create(self, _logical_id: str, properties: EmulatedProperties, _stack: str) -> ProvisionedResource:
        """Registers a target and brings its capacity within the bounds.

        Raises:
            ValueError: It cannot be registered; the message becomes the event's reason.
        """
        target = self._scaling.register(properties)
        return target.physical_id, {"Id": target.physical_id}

    def update(
        self, _physical_id: str, _old: EmulatedProperties, new: EmulatedProperties, stack: str
    ) -> ProvisionedResource:
        """Changes the bounds.

        Raises:
            ValueError: They are wrong.
        """
        return self.create("", new, stack)

    def delete(self, physical_id: str, _properties: EmulatedProperties) -> None:
        """Deregisters a target."""
        self._scaling.deregister(physical_id)


class ScalingPolicyType:
    """AWS::ApplicationAutoScaling::ScalingPolicy.

    Args:
        scaling: The targets with their policies.
    """

    def __init__(self, scaling: ApplicationAutoScaling) -> None:
        self._scaling = scaling

    def create(self, _logical_id: str, properties: EmulatedProperties, _stack: str) -> ProvisionedResource:
        """Creates a policy and its alarms; Ref returns its ARN.

        Raises:
            ValueError: It cannot be created; the message becomes the event's reason.
        """
        target = properties.get("ScalingTargetId") or physical_id(properties["ResourceId"])
        arn = self._scaling.put_policy(target, properties).arn
        return arn, {"Arn": arn}

    def update(
        self, _physical_id: str, _old: EmulatedProperties, new: EmulatedProperties, stack: str
    ) -> ProvisionedResource:
        """Replaces the configuration of the policy."""
        return self.create("", new, stack)

    def delete(self, arn: str, _properties: EmulatedProperties) -> None:
        """Deletes a policy and its alarms."""
        self._scaling.delete_policy(arn)


def install(scaling: ApplicationAutoScaling) -> None:
    """Adds the types to MiniStack's CloudFormation."""
    register(f"{_PREFIX}ScalableTarget", ScalableTargetType(scaling), replacing=_PLACE)
    register(
        f"{_PREFIX}ScalingPolicy",
        ScalingPolicyType(scaling),
        replacing=("PolicyName", "ScalingTargetId", *_PLACE),
    )
