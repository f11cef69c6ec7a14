"""Errors that API Gateway answers itself, through the gateway responses of an API."""

import json
from typing import Any

from ministack.services import apigateway_v1

_TOO_MANY_REQUESTS = "TooManyRequestsException"
_LIMIT_EXCEEDED = "LimitExceededException"
_SERVER_ERROR = "InternalServerErrorException"
_CODES = {
    "INTEGRATION_FAILURE": _SERVER_ERROR,
    "INTEGRATION_TIMEOUT": _SERVER_ERROR,
    "QUOTA_EXCEEDED": _LIMIT_EXCEEDED,
    "REQUEST_TOO_LARGE": "RequestTooLargeException",
    "THROTTLED": _TOO_MANY_REQUESTS,
}

ApiGatewayResult = tuple[int, dict[str, str], bytes]


class IntegrationError(Exception):
    """The integration gave no usable response.

    Args:
        gateway_error: The error that the client gets.
    """

    def __init__(self, gateway_error: Any) -> None:
        super().__init__(gateway_error.message)
        self.gateway_error = gateway_error


def gateway_error(response_type: str, message: str, *, status: int | None = None) -> Any:
    """Returns MiniStack's error object, which MiniStack writes through the API's gateway responses.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html

    Args:
        response_type: A type of gateway response, such as THROTTLED.
        message: API Gateway's message.
        status: The status where the API does not set one; None is the default status of the type.
    """
    error = apigateway_v1._GatewayError(response_type, message, _CODES.get(response_type))
    error.status = status
    return error


def refusal(code: str, message: str, *, status: int = 400) -> ApiGatewayResult:
    """Returns the control plane's answer to a request that it refuses."""
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": code}
    return status, headers, json.dumps({"message": message}).encode()


def install() -> None:
    """Lets an error choose the status of a gateway response that the API does not set."""
    render = apigateway_v1._gateway_error_response

    def render_with_status(error: Any, request: dict[str, Any]) -> ApiGatewayResult:
        status, headers, body = render(error, request)
        own = getattr(error, "status", None)
        if own is not None and not _is_customized(error.response_type, request):
            status = own
        return status, headers, body

    apigateway_v1._gateway_error_response = render_with_status


def _is_customized(response_type: str, request: dict[str, Any]) -> bool:
    api_id, deployment = request["api_id"], request["stage"].get("deploymentId")
    deployed = apigateway_v1._deployed_gateway_responses.get(api_id, {}).get(deployment) or {}
    return bool(deployed.get(response_type, {}).get("statusCode"))
