"""Largest request body: that of API Gateway, and that of the function behind it."""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import apigateway_v1

from local.emulator.api_gateway.errors import IntegrationError, gateway_error
from local.emulator.functions.quotas import MAX_REQUEST_BYTES

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
MAX_PAYLOAD_BYTES = 10 * 1024 * 1024

_MESSAGE = "Request Too Long"
# Position of the body among the arguments of MiniStack's check of authorization.
_BODY = 7


def install() -> None:
    """Adds both limits to MiniStack's handling of a request."""
    apigateway_v1._authorize_request_v1 = _with_body_limit(apigateway_v1._authorize_request_v1)
    apigateway_v1._call_lambda_raw = _with_event_limit(apigateway_v1._call_lambda_raw)


def _with_body_limit(authorize: Callable[..., Any]) -> Callable[..., Any]:
    # MiniStack calls it first of all checks, when it has found the method.
    async def authorize_small(*arguments: Any) -> Any:
        if len(arguments[_BODY] or b"") > MAX_PAYLOAD_BYTES:
            return gateway_error("REQUEST_TOO_LARGE", _MESSAGE), None
        return await authorize(*arguments)

    return authorize_small


def _with_event_limit(call: Callable[..., Any]) -> Callable[..., Any]:
    async def call_small(function: str, event: Any, **scope: Any) -> Any:
        if len(json.dumps(event, ensure_ascii=False).encode(errors="replace")) > MAX_REQUEST_BYTES:
            raise IntegrationError(gateway_error("REQUEST_TOO_LARGE", _MESSAGE))
        return await call(function, event, **scope)

    return call_small
