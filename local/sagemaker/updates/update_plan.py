"""Plan of an update: what an UpdateEndpoint request asks for, checked against the endpoint."""

from collections.abc import Collection, Mapping
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
from local.sagemaker.resource_collection import SageMakerResource
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
    old: Fleet,
    config: SageMakerResource,
    options: Mapping[str, Any],
    *,
    last: dict[str, Any] | None,
    scaled: Collection[str] = (),
) -> UpdatePlan:
    """Plans an update.

    Args:
        old: The fleet that serves.
        config: The new endpoint configuration.
        options: DeploymentConfig, RetainDeploymentConfig, RetainAllVariantProperties and
            ExcludeRetainedVariantProperties, as in UpdateEndpoint.
        last: The DeploymentConfig that RetainDeploymentConfig reuses.
        scaled: The endpoint's variants that are scalable targets.

    Raises:
        SageMakerError: The update is from instances to serverless, changes the instance type of a scaled
            variant, or the deployment does not fit.
    """
    check_update(old.config, config)
    _check_scaled(scaled, old.variant, variant_of(config.request))
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


def _check_scaled(scaled: Collection[str], old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Refuses to remove a variant that Application Auto Scaling scales, or to change its instance type.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
    """
    name = old.get("VariantName")
    same = all(old.get(key) == new.get(key) for key in ("VariantName", "InstanceType"))
    if name in scaled and not same:
        raise invalid(
            f'The variant(s) "[{name}]" must be deregistered as scalable targets with AWS Application Auto '
            "Scaling before they can be removed or have their instance type changed."
        )
