"""CloudFormation types of API Gateway: properties that MiniStack drops or stores in another form."""

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import apigateway_v1

from local.emulator.api_gateway.deployment_prerequisites import check_logging, check_methods
from local.emulator.api_gateway.integration import MAX_TIMEOUT_MS, check_timeout
from local.emulator.resource_types import (
    EmulatedProperties,
    ProvisionedResource,
    ResourceHandlers,
    override,
    physical_name,
    register,
)

_PREFIX = "AWS::ApiGateway::"
_LONGEST_NAME = 128
_Conversion = Callable[[EmulatedProperties], EmulatedProperties]


class ApiGatewayTypeError(Exception):
    """API Gateway refuses a resource; the message becomes the reason of the stack event."""


class RequestValidatorType:
    """AWS::ApiGateway::RequestValidator, which MiniStack only records.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-requestvalidator.html
    """

    replacing = ("RestApiId", "Name")

    def create(self, logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        """Creates a validator; Ref returns its id."""
        generated = physical_name(stack, logical_id, longest=_LONGEST_NAME)
        validator = {"name": properties.get("Name", generated), **_flags(properties)}
        api_id = properties["RestApiId"]
        known = set(apigateway_v1._request_validators.get(api_id, {}))
        apigateway_v1._create_request_validator(api_id, validator)
        [created] = set(apigateway_v1._request_validators[api_id]) - known
        return created, {"RequestValidatorId": created}

    def update(
        self, physical_id: str, _old: EmulatedProperties, new: EmulatedProperties, _stack: str
    ) -> ProvisionedResource:
        """Changes what the validator validates."""
        apigateway_v1._request_validators[new["RestApiId"]][physical_id] |= _flags(new)
        return physical_id, {"RequestValidatorId": physical_id}

    def delete(self, physical_id: str, properties: EmulatedProperties) -> None:
        """Deletes the validator, if it exists."""
        apigateway_v1._delete_request_validator(properties["RestApiId"], physical_id)


def install() -> None:
    """Replaces MiniStack's handlers of validators, and completes those of methods, stages and usage plans."""
    name = f"{_PREFIX}RequestValidator"
    register(name, RequestValidatorType(), replacing=RequestValidatorType.replacing)
    override(f"{_PREFIX}Method", _method_handlers)
    override(f"{_PREFIX}Deployment", lambda handlers: _with_properties(handlers, _checked_deployment))
    override(f"{_PREFIX}Stage", lambda handlers: _with_properties(handlers, _checked_stage))
    override(f"{_PREFIX}UsagePlan", lambda handlers: _with_properties(handlers, encode_stage_throttles))


def decode_method_settings(properties: EmulatedProperties) -> EmulatedProperties:
    """Decodes the paths of a stage's method settings, such as /~1predict, in which ~1 is a slash.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html
    """
    settings = [
        {**setting, "ResourcePath": _decoded(setting["ResourcePath"])}
        if "ResourcePath" in setting
        else setting
        for setting in properties.get("MethodSettings") or ()
    ]
    return {**properties, "MethodSettings": settings} if settings else properties


def encode_stage_throttles(properties: EmulatedProperties) -> EmulatedProperties:
    """Gives the method throttles of a usage plan's stages the member names of the API."""
    stages = [
        {
            **stage,
            "Throttle": {path: _api_throttle(limits) for path, limits in stage.get("Throttle", {}).items()},
        }
        for stage in properties.get("ApiStages") or ()
    ]
    return {**properties, "ApiStages": stages} if stages else properties


def _checked_deployment(properties: EmulatedProperties) -> EmulatedProperties:
    if refused := check_methods(properties["RestApiId"]):
        raise ApiGatewayTypeError(refused)
    return properties


def _checked_stage(properties: EmulatedProperties) -> EmulatedProperties:
    if refused := check_logging(properties):
        raise ApiGatewayTypeError(refused)
    return decode_method_settings(properties)


def _method_handlers(handlers: ResourceHandlers) -> ResourceHandlers:
    def create(logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        _check_integration(properties)
        created: ProvisionedResource = handlers["create"](logical_id, properties, stack)
        _set_validator(properties)
        return created

    def update(
        physical_id: str, old: EmulatedProperties, new: EmulatedProperties, stack: str
    ) -> ProvisionedResource:
        _check_integration(new)
        updated: ProvisionedResource = handlers["update"](physical_id, old, new, stack)
        _set_validator(new)
        return updated

    return {"create": create, "update": update}


def _with_properties(handlers: ResourceHandlers, convert: _Conversion) -> ResourceHandlers:
    """Returns handlers that get converted properties; a conversion may refuse them."""

    def create(logical_id: str, properties: EmulatedProperties, stack: str) -> Any:
        return handlers["create"](logical_id, convert(properties), stack)

    def update(physical_id: str, old: EmulatedProperties, new: EmulatedProperties, stack: str) -> Any:
        return handlers["update"](physical_id, convert(old), convert(new), stack)

    return {"create": create, "update": update}


def _check_integration(properties: EmulatedProperties) -> None:
    integration = properties.get("Integration") or {}
    if refused := check_timeout(integration.get("TimeoutInMillis", MAX_TIMEOUT_MS)):
        raise ApiGatewayTypeError(refused)


def _set_validator(properties: EmulatedProperties) -> None:
    resource = apigateway_v1._resources[properties["RestApiId"]][properties["ResourceId"]]
    method = resource["resourceMethods"][properties["HttpMethod"]]
    method["requestValidatorId"] = properties.get("RequestValidatorId")


def _flags(properties: EmulatedProperties) -> dict[str, bool]:
    return {
        "validateRequestBody": _is_true(properties.get("ValidateRequestBody")),
        "validateRequestParameters": _is_true(properties.get("ValidateRequestParameters")),
    }


def _is_true(value: object) -> bool:
    return str(value).lower() == "true"


def _decoded(path: str) -> str:
    return "/" + path.replace("~1", "/").replace("~0", "~").lstrip("/")


def _api_throttle(limits: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{name[0].lower()}{name[1:]}": value for name, value in limits.items()}
