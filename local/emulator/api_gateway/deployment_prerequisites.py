"""Prerequisites of a deployment, of a stage with logs and of a usage plan, which API Gateway checks.

A template that lacks a DependsOn creates them too early.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.services import apigateway_v1

from local.emulator.api_gateway.errors import ApiGatewayResult, refusal
from local.emulator.resource_types import EmulatedProperties

_BAD_REQUEST = "BadRequestException"
_OFF = "OFF"


def check_methods(api_id: str) -> str | None:
    """Returns API Gateway's message about an API that cannot be deployed, None for one that can.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html
    """
    methods = [
        method
        for resource in apigateway_v1._resources.get(api_id, {}).values()
        for method in resource.get("resourceMethods", {}).values()
    ]
    if not methods:
        return "The REST API doesn't contain any methods"
    if not all(method.get("methodIntegration") for method in methods):
        return "No integration defined for method"
    return None


def check_logging(properties: EmulatedProperties) -> str | None:
    """Returns API Gateway's message about the logs of a stage when the account has no role to write them.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html

    Args:
        properties: The stage's properties of CloudFormation.
    """
    levels = {setting.get("LoggingLevel", _OFF) for setting in properties.get("MethodSettings") or ()}
    has_logs = bool(levels - {_OFF}) or "AccessLogSetting" in properties
    return _check_role() if has_logs else None


def install() -> None:
    """Adds the checks to MiniStack's operations."""
    deploy, plan = apigateway_v1._create_deployment, apigateway_v1._create_usage_plan
    apigateway_v1._create_deployment = lambda api_id, data: (
        _refused(check_methods(api_id)) or deploy(api_id, data)
    )
    apigateway_v1._create_usage_plan = _with_stages(plan)
    apigateway_v1._update_stage = _with_role(apigateway_v1._update_stage)


def _with_stages(create: Callable[..., ApiGatewayResult]) -> Callable[..., ApiGatewayResult]:
    def create_with_stages(data: Mapping[str, Any]) -> ApiGatewayResult:
        for missing in _missing_stages(data):
            return refusal("NotFoundException", f"API Stage not found: {missing}", status=404)
        return create(data)

    return create_with_stages


def _with_role(update: Callable[..., ApiGatewayResult]) -> Callable[..., ApiGatewayResult]:
    def update_with_role(api_id: str, stage: str, changes: Mapping[str, Any]) -> ApiGatewayResult:
        for patch in changes.get("patchOperations") or ():
            is_log = patch.get("path", "").endswith("/logging/loglevel") and patch.get("value") != _OFF
            if is_log and (refused := _check_role()):
                return refusal(_BAD_REQUEST, refused)
        return update(api_id, stage, changes)

    return update_with_role


def _missing_stages(plan: Mapping[str, Any]) -> Iterator[str]:
    for stage in plan.get("apiStages") or ():
        if stage.get("stage") not in apigateway_v1._stages_v1.get(stage.get("apiId"), {}):
            yield f"{stage.get('apiId')}:{stage.get('stage')}"


def _check_role() -> str | None:
    account = apigateway_v1._account_settings.get("settings") or {}
    if account.get("cloudwatchRoleArn"):
        return None
    return "CloudWatch Logs role ARN must be set in account settings to enable logging"


def _refused(message: str | None) -> ApiGatewayResult | None:
    return refusal(_BAD_REQUEST, message) if message else None
