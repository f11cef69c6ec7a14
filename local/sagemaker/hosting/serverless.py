"""Serverless endpoints: their endpoint configurations, and how DescribeEndpoint describes them.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

from collections.abc import Mapping
from typing import Any

from local.sagemaker.errors import invalid
from local.sagemaker.fleets.variant_properties import variant_of
from local.sagemaker.hosting.container_definition import container_definition, is_multi_model
from local.sagemaker.resource_collection import SageMakerResource

_INSTANCE_MEMBERS = ("InstanceType", "InitialInstanceCount")


def serverless_config(config: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns the ServerlessConfig of an endpoint configuration's one variant; None for one on instances."""
    found: dict[str, Any] | None = variant_of(config).get("ServerlessConfig")
    return found


def check_endpoint_config(config: Mapping[str, Any], *, model: Mapping[str, Any]) -> None:
    """Checks the hosting of a new endpoint configuration: serverless or on instances.

    Args:
        config: The request of CreateEndpointConfig.
        model: The request of CreateModel for its model.

    Raises:
        SageMakerError: It has both kinds of hosting or neither, or a feature that serverless endpoints lack.
    """
    variant = variant_of(config)
    given = [name for name in _INSTANCE_MEMBERS if name in variant]
    if serverless_config(config) is None:
        if len(given) < len(_INSTANCE_MEMBERS):
            raise invalid(f"A variant needs ServerlessConfig, or {' and '.join(_INSTANCE_MEMBERS)}.")
        return
    unsupported = [*given, *(["DataCaptureConfig"] if "DataCaptureConfig" in config else [])]
    unsupported += [name for name in ("EnableNetworkIsolation", "VpcConfig") if model.get(name)]
    unsupported += ["Mode MultiModel"] if is_multi_model(container_definition(model)) else []
    if unsupported:
        raise invalid(f"A serverless endpoint has no {', '.join(unsupported)}.")


def check_update(old: SageMakerResource, new: SageMakerResource) -> None:
    """Checks an update of an endpoint from one endpoint configuration to another.

    Raises:
        SageMakerError: The update is from instances to serverless. The other direction is possible.
    """
    if serverless_config(old.request) is None and serverless_config(new.request) is not None:
        raise invalid(
            "An endpoint on instances cannot be updated to a serverless one: create another endpoint."
        )
