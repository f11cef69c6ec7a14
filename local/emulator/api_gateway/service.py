"""API Gateway of the emulator: MiniStack's REST APIs with the refusals of AWS."""

from local.emulator.api_gateway import (
    deployment_prerequisites,
    errors,
    host_names,
    integration,
    payload_limits,
    quotas,
    request_validation,
    resource_types,
    throttling,
)
from local.emulator.api_gateway.quotas import UsageQuotas
from local.emulator.api_gateway.throttling import TokenBuckets


def install() -> None:
    """Adds every refusal to MiniStack."""
    errors.install()
    host_names.install()
    resource_types.install()
    deployment_prerequisites.install()
    request_validation.install()
    throttling.install(TokenBuckets())
    quotas.install(UsageQuotas())
    payload_limits.install()
    integration.install()
