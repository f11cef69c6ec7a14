"""ASGI application of an API of our own in AWS's JSON 1.1 protocol."""

from dataclasses import dataclass
from typing import Protocol

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from local.emulator.own_api_authorization import refused_call
from local.emulator.request_router import headers_of, read_body, send_response
from local.json_protocol import Parameters, Result, ServiceError, parse_body
from local.sagemaker.errors import SageMakerError
from local.sagemaker.sagemaker_response import SageMakerResponse, error_response, result_response


class JsonApi(Protocol):
    """The operations of a service."""

    def resource(self, parameters: Parameters, /) -> str:
        """Returns the ARN that IAM decides about."""

    def call(self, operation: str, parameters: Parameters, /) -> Result:
        """Executes an operation.

        Raises:
            ServiceError: An error response.
        """


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service.

    Attributes:
        prefix: Prefix of its actions in policies, such as codedeploy.
        target: The header X-Amz-Target before the operation's name, such as CodeDeploy_20141006.
        api: Its operations.
    """

    prefix: str
    target: str
    api: JsonApi


class JsonEndpoint:
    """ASGI application that answers the requests of services, and passes every other connection on.

    Args:
        app: The application for the other requests.
        services: The services.
    """

    def __init__(self, app: ASGIFramework, *services: Service) -> None:
        self._app = app
        self._services = {service.target: service for service in services}

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Responds to a request, when the caller's policies allow it."""
        service, operation = self._called(scope)
        if scope["type"] != "http" or service is None:
            await self._app(scope, receive, send)
        elif (body := await read_body(receive)) is not None:
            await send_response(_respond(service, operation, scope, body), send)

    def _called(self, scope: Scope) -> tuple[Service | None, str]:
        header = headers_of(scope).get("x-amz-target", "") if scope["type"] == "http" else ""
        target, _, operation = header.partition(".")
        return self._services.get(target), operation


def _respond(service: Service, operation: str, scope: HTTPScope, body: bytes) -> SageMakerResponse:
    try:
        parameters = parse_body(body)
        refused = refused_call(
            scope,
            headers_of(scope),
            body,
            action=f"{service.prefix}:{operation}",
            resources=[service.api.resource(parameters)],
        )
        return refused or result_response(service.api.call(operation, parameters))
    except ServiceError as error:
        return error_response(SageMakerError(error.code, error.message))
