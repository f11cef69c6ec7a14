"""Change of an endpoint's number of instances and weight, in place: UpdateEndpointWeightsAndCapacities.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html
"""

import logging
import math
from collections.abc import Mapping, Sequence
from typing import Any

from local.sagemaker.errors import invalid
from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.fleets.launcher import START_ERRORS
from local.sagemaker.fleets.variant_properties import VariantProperties
from local.sagemaker.hosting.endpoint import HostedEndpoint
from local.sagemaker.hosting.serverless import serverless_config

logger = logging.getLogger(__name__)


def wanted_properties(fleet: Fleet, changes: Sequence[Mapping[str, Any]]) -> VariantProperties:
    """Returns the properties of a fleet after a request.

    Args:
        fleet: The fleet that serves.
        changes: DesiredWeightsAndCapacities.

    Raises:
        SageMakerError: It names another variant, or asks for instances of a serverless one.
    """
    known = fleet.variant["VariantName"]
    properties = fleet.properties
    for change in changes:
        if change["VariantName"] != known:
            raise invalid(
                f'Could not find variant "{change["VariantName"]}": the endpoint\'s one variant is {known}.'
            )
        if "ServerlessUpdateConfig" in change:
            raise invalid("AWS on this machine changes serverless concurrency by UpdateEndpoint only.")
        if "DesiredInstanceCount" in change and serverless_config(fleet.config.request):
            raise invalid(f"Variant {known} is serverless: it has no DesiredInstanceCount.")
        properties = VariantProperties(
            change.get("DesiredInstanceCount", properties.instance_count),
            change.get("DesiredWeight", properties.weight),
        )
    if properties.instance_count < 1:
        # Zero needs inference components:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-zero-instances.html
        raise invalid(f"DesiredInstanceCount of variant {known} must be at least 1.")
    return properties


def change_capacity(endpoint: HostedEndpoint, fleet: Fleet, wanted: VariantProperties) -> None:
    """Starts or stops instances of the fleet that serves; the endpoint has settled at the return.

    Instances finish their invocations before they end. If an instance does not start, the endpoint is
    RollingBack until it has its old number again.

    Args:
        endpoint: The endpoint, which is Updating.
        fleet: Its fleet.
        wanted: The properties afterwards.
    """
    before, fleet.properties = fleet.properties, wanted
    try:
        if (more := wanted.instance_count - fleet.instance_count) > 0:
            fleet.start(more, limit=math.inf)
        elif more < 0:
            fleet.stop(-more)
    except START_ERRORS as error:
        logger.warning("Endpoint %s keeps its number of instances: %s", endpoint.name, error)
        fleet.properties = before
        endpoint.roll_back()
        if (extra := fleet.instance_count - before.instance_count) > 0:
            fleet.stop(extra)
        endpoint.settle("InService", failure=str(error))
    else:
        endpoint.settle("InService")
