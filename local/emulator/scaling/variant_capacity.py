"""Capacity of an endpoint's variant, as Application Auto Scaling reads and sets it in SageMaker."""

from typing import Protocol

from local.emulator.scaling.scalable_target import ScalableTarget
from local.sagemaker.api.sagemaker_api import SageMakerApi
from local.sagemaker.hosting.hosting import SageMakerHosting


class Capacity(Protocol):
    """Reads and sets capacities."""

    def exists(self, target: ScalableTarget, /) -> bool:
        """Returns true when the variant of the scalable target exists."""

    def read(self, target: ScalableTarget, /) -> int | None:
        """Returns the capacity; None while it is changing, or when nothing is in service."""

    def change(self, target: ScalableTarget, capacity: int, /) -> None:
        """Starts a change.

        Raises:
            SageMakerError: It is refused.
        """


class VariantCapacity:
    """DesiredInstanceCount of variants.

    SageMaker is called as the service-linked role AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint.
    AWS alone defines its policy, which allows sagemaker:UpdateEndpointWeightsAndCapacities on every endpoint:
    there is nothing for IAM to decide here.
    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html

    Args:
        api: The API.
        hosting: The endpoints.
    """

    def __init__(self, api: SageMakerApi, hosting: SageMakerHosting) -> None:
        self._api = api
        self._hosting = hosting

    def exists(self, target: ScalableTarget) -> bool:
        """Returns true when the variant of the scalable target exists."""
        found = [one for one in self._hosting.endpoints.all() if one.name == target.endpoint]
        return any(one.variant["VariantName"] == target.variant for one in found)

    def read(self, target: ScalableTarget) -> int | None:
        """Returns the capacity; None while it is changing, or when nothing is in service."""
        for endpoint in self._hosting.endpoints.all():
            fleet = endpoint.fleet
            if endpoint.name == target.endpoint and endpoint.settled.is_set() and fleet:
                return fleet.properties.instance_count
        return None

    def change(self, target: ScalableTarget, capacity: int) -> None:
        """Starts a change.

        Raises:
            SageMakerError: SageMaker refuses it.
        """
        change = {"VariantName": target.variant, "DesiredInstanceCount": capacity}
        self._api.call(
            "UpdateEndpointWeightsAndCapacities",
            {"EndpointName": target.endpoint, "DesiredWeightsAndCapacities": [change]},
        )
