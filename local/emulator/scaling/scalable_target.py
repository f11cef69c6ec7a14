"""Scalable target: the variant of an endpoint, the bounds of its capacity, and what scaling has done to it.

https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.emulator.scaling.scaling_activity import ScalingActivity
from local.emulator.scaling.target_tracking import TargetTrackingPolicy

NAMESPACE, DIMENSION = "sagemaker", "sagemaker:variant:DesiredInstanceCount"
_RESOURCE = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
# Separates the parts of the physical id:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-applicationautoscaling-scalabletarget.html
_SEPARATOR = "|"


@dataclass(kw_only=True)
class ScalableTarget:
    """A scalable target.

    Attributes:
        endpoint: The endpoint.
        variant: Its production variant.
        id: Part of its ARN.
        created: When it was registered, in seconds since 1970.
        least: MinCapacity.
        most: MaxCapacity.
        policies: The scaling policies by name.
        activities: The scaling activities, the last one last.
    """

    endpoint: str
    variant: str
    least: int
    most: int
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: float = 0.0
    policies: dict[str, TargetTrackingPolicy] = field(default_factory=dict)
    activities: list[ScalingActivity] = field(default_factory=list)

    @classmethod
    def from_properties(cls, properties: Mapping[str, Any]) -> "ScalableTarget":
        """Reads the parameters of RegisterScalableTarget.

        Raises:
            ValueError: It is no variant of an endpoint, or the bounds are wrong.
        """
        found = _RESOURCE.fullmatch(properties["ResourceId"])
        if (properties["ServiceNamespace"], properties["ScalableDimension"]) != (NAMESPACE, DIMENSION):
            found = None
        if not found:
            raise ValueError(
                "AWS on this machine scales the variants of SageMaker endpoints only: give "
                f"ServiceNamespace {NAMESPACE}, ScalableDimension {DIMENSION} and "
                f"ResourceId endpoint/NAME/variant/NAME, and not {properties['ResourceId']}."
            )
        least, most = int(properties["MinCapacity"]), int(properties["MaxCapacity"])
        if most < least:
            raise ValueError("Maximum capacity cannot be less than minimum capacity")
        if least < 1:
            # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
            raise ValueError(
                f"MinCapacity is {least}: a variant without inference components has at least 1 instance."
            )
        return cls(endpoint=found[1], variant=found[2], least=least, most=most)

    @property
    def resource_id(self) -> str:
        """ResourceId."""
        return f"endpoint/{self.endpoint}/variant/{self.variant}"

    @property
    def physical_id(self) -> str:
        """The physical id of the resource: the value of Ref, and of ScalingTargetId in a policy."""
        return physical_id(self.resource_id)

    @property
    def last(self) -> ScalingActivity | None:
        """The last scaling activity."""
        return self.activities[-1] if self.activities else None

    def bounded(self, capacity: int) -> int:
        """Returns the nearest capacity within the bounds."""
        return min(max(capacity, self.least), self.most)


def physical_id(resource_id: str, dimension: str = DIMENSION, namespace: str = NAMESPACE) -> str:
    """Returns the physical id of the scalable target of a resource."""
    return _SEPARATOR.join([resource_id, dimension, namespace])
