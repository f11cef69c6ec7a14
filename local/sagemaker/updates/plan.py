"""Plan of an update: what an UpdateEndpoint request asks for, checked against the endpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.sagemaker.errors import invalid
from local.sagemaker.fleets.fleet import Fleet
from local.sagemaker.fleets.variant_properties import (
    VariantProperties,
    merge,
    properties_of,
    retained_properties,
    variant_of,
)
from local.sagemaker.hosting.serverless import check_update, serverless_config
from local.sagemaker.named_resources import SageMakerResource
from local.sagemaker.updates.update_policy import UpdatePolicy, update_policy


@dataclass(frozen=True, kw_only=True)
class UpdatePlan:
    """An update.

    Attributes:
        properties: The properties of the new fleet.
        policy: How the traffic moves to it.
        deployment: The DeploymentConfig that says so, or None.
    """

    properties: VariantProperties
    policy: UpdatePolicy
    deployment: dict[str, Any] | None


def plan_update(
    old: Fleet, config: SageMakerResource, options: Mapping[str, Any], *, last: dict[str, Any] | None
) -> UpdatePlan:
    """Plans an update.

    Args:
        old: The fleet that serves.
        config: The new endpoint configuration.
        options: DeploymentConfig, RetainDeploymentConfig, RetainAllVariantProperties and
            ExcludeRetainedVariantProperties, as in UpdateEndpoint.
        last: The DeploymentConfig that RetainDeploymentConfig reuses.

    Raises:
        SageMakerError: The update is from instances to serverless, or the deployment does not fit.
    """
    check_update(old.config, config)
    deployment = options.get("DeploymentConfig")
    if options.get("RetainDeploymentConfig"):
        deployment = deployment or last
    is_serverless = serverless_config(config.request) is not None
    properties = properties_of(config.request)
    if serverless_config(old.config.request) is None:
        properties = merge(old.properties, properties, retained=retained_properties(options))
    policy = update_policy(deployment, total=properties.instance_count, is_serverless=is_serverless)
    variant = variant_of(config.request)
    if deployment and variant.get("VariantName") != old.variant.get("VariantName"):
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        raise invalid(
            "The new endpoint configuration must have the same variant name as the old endpoint "
            "configuration."
        )
    return UpdatePlan(properties=properties, policy=policy, deployment=deployment)
