"""Serverless endpoints, as far as they differ from those on instances.

https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
"""

from collections.abc import Mapping
from typing import Any

from local.sagemaker.catalog import Resource
from local.sagemaker.errors import invalid
from local.sagemaker.specification import container_of, is_multi_model

_ON_INSTANCES = ("InstanceType", "InitialInstanceCount")


def serverless(config: Mapping[str, Any]) -> dict[str, Any] | None:
    """The ServerlessConfig of an endpoint configuration's one variant; None when it is on instances."""
    found: dict[str, Any] | None = config["ProductionVariants"][0].get("ServerlessConfig")
    return found


def check_config(config: Mapping[str, Any], *, model: Mapping[str, Any]) -> None:
    """Check what a new configuration says it is hosted on.

    Args:
        config: The request of CreateEndpointConfig.
        model: The request that made its model.

    Raises:
        SageMakerError: It says both kinds or none, or wants what serverless endpoints have not.
    """
    variant = config["ProductionVariants"][0]
    given = [name for name in _ON_INSTANCES if name in variant]
    if serverless(config) is None:
        if len(given) < len(_ON_INSTANCES):
            raise invalid(f"A variant needs ServerlessConfig, or {' and '.join(_ON_INSTANCES)}.")
        return
    wrong = [*given, *(["DataCaptureConfig"] if "DataCaptureConfig" in config else [])]
    wrong += [name for name in ("EnableNetworkIsolation", "VpcConfig") if model.get(name)]
    wrong += ["Mode MultiModel"] if is_multi_model(container_of(model)) else []
    if wrong:
        raise invalid(f"A serverless endpoint has no {', '.join(wrong)}.")


def check_update(old: Resource, new: Resource) -> None:
    """Check that an endpoint may go from one configuration to the other; from serverless it may.

    Raises:
        SageMakerError: It is on instances and would become serverless.
    """
    if serverless(old.request) is None and serverless(new.request) is not None:
        raise invalid(
            "An endpoint on instances cannot be updated to a serverless one: make another endpoint."
        )


def variant_status(config: Mapping[str, Any]) -> dict[str, Any]:
    """What DescribeEndpoint says a configuration's variant is hosted on."""
    if found := serverless(config):
        return {"CurrentInstanceCount": 0, "CurrentServerlessConfig": found, "DesiredServerlessConfig": found}
    count = config["ProductionVariants"][0].get("InitialInstanceCount", 1)
    return {"CurrentInstanceCount": count, "DesiredInstanceCount": count}
