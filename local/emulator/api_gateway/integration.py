"""Integrations: their time limit, and what a client gets when a function gives no usable response."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import apigateway_v1

from local.emulator.api_gateway.errors import ApiGatewayResult, IntegrationError, gateway_error, refusal

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
MIN_TIMEOUT_MS, MAX_TIMEOUT_MS = 50, 29_000

_INVOCATIONS = (
    "_invoke_lambda_proxy_v1",
    "_invoke_lambda_custom_v1",
    "_invoke_sqs_v1",
    "_invoke_http_proxy_v1",
)
_REFUSED = "BadRequestException"
_FAILURE = "Internal server error"
# The members of a proxy response; any other makes it malformed.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
_MEMBERS = frozenset({"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"})

# Invocations that go on after the client got its 504; asyncio itself keeps no reference to them.
_abandoned: set[asyncio.Task[Any]] = set()


def check_timeout(milliseconds: object) -> str | None:
    """Returns API Gateway's message about a time limit that it refuses, None for one that it accepts."""
    if MIN_TIMEOUT_MS <= int(str(milliseconds)) <= MAX_TIMEOUT_MS:
        return None
    return f"Timeout should be between {MIN_TIMEOUT_MS} ms and {MAX_TIMEOUT_MS} ms"


def install() -> None:
    """Adds the time limit to MiniStack's integrations, and API Gateway's errors to those of functions."""
    for name in _INVOCATIONS:
        setattr(apigateway_v1, name, _with_time_limit(getattr(apigateway_v1, name)))
    apigateway_v1._lambda_proxy_response = _proxy_response
    apigateway_v1._put_integration = _with_checked_timeout(apigateway_v1._put_integration)
    apigateway_v1._update_integration = _with_checked_patch(apigateway_v1._update_integration)


def _with_time_limit(invoke: Callable[..., Any]) -> Callable[..., Any]:
    async def invoke_in_time(integration: Mapping[str, Any], *arguments: Any, **options: Any) -> Any:
        task = asyncio.ensure_future(invoke(integration, *arguments, **options))
        seconds = int(integration.get("timeoutInMillis") or MAX_TIMEOUT_MS) / 1000
        # Lambda goes on with a function whose client is gone, so the task is not cancelled.
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            _abandoned.add(task)
            task.add_done_callback(_forget)
            return gateway_error("INTEGRATION_TIMEOUT", "Endpoint request timed out")
        try:
            return task.result()
        except IntegrationError as error:
            return error.gateway_error

    return invoke_in_time


def _forget(task: asyncio.Task[Any]) -> None:
    _abandoned.discard(task)
    # Reads the exception, which asyncio otherwise logs as never retrieved.
    task.cancelled() or task.exception()


def _proxy_response(result: Mapping[str, Any]) -> tuple[Mapping[str, Any], None]:
    """Returns the proxy response of a function's result.

    Raises:
        IntegrationError: The function was throttled, failed, or returned something else.
    """
    if result.get("throttle"):
        # https://repost.aws/knowledge-center/api-gateway-internal-server-error
        raise IntegrationError(gateway_error("INTEGRATION_FAILURE", _FAILURE, status=500))
    if result.get("error"):
        raise IntegrationError(gateway_error("INTEGRATION_FAILURE", _FAILURE, status=502))
    response = _parsed(result.get("body"))
    if not _is_proxy_response(response):
        # https://repost.aws/knowledge-center/malformed-502-api-gateway
        raise IntegrationError(gateway_error("DEFAULT_5XX", _FAILURE, status=502))
    return {**response, "body": response.get("body") or ""}, None


def _parsed(body: object) -> Any:
    if not isinstance(body, (str, bytes)):
        return body
    try:
        return json.loads(body)
    except ValueError:
        return body


def _is_proxy_response(response: object) -> bool:
    if not isinstance(response, dict) or response.keys() - _MEMBERS:
        return False
    body, headers = response.get("body"), response.get("headers") or {}
    if not str(response.get("statusCode", 200)).isdigit() or not isinstance(body, (str, type(None))):
        return False
    return isinstance(headers, dict) and all(isinstance(value, (str, bool)) for value in headers.values())


def _with_checked_timeout(put: Callable[..., ApiGatewayResult]) -> Callable[..., ApiGatewayResult]:
    def put_checked(
        api_id: str, resource_id: str, method: str, integration: Mapping[str, Any]
    ) -> ApiGatewayResult:
        refused = check_timeout(integration.get("timeoutInMillis", MAX_TIMEOUT_MS))
        return refusal(_REFUSED, refused) if refused else put(api_id, resource_id, method, integration)

    return put_checked


def _with_checked_patch(update: Callable[..., ApiGatewayResult]) -> Callable[..., ApiGatewayResult]:
    def update_checked(
        api_id: str, resource_id: str, method: str, changes: Mapping[str, Any]
    ) -> ApiGatewayResult:
        for patch in changes.get("patchOperations") or ():
            if patch.get("path") == "/timeoutInMillis" and (refused := check_timeout(patch.get("value"))):
                return refusal(_REFUSED, refused)
        return update(api_id, resource_id, method, changes)

    return update_checked
