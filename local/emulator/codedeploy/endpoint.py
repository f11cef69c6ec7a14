"""ASGI application of the CodeDeploy API."""

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from local.codedeploy.api import CodeDeployApi, parse_body
from local.codedeploy.errors import CodeDeployError
from local.emulator.request_router import headers_of, read_body, send_response
from local.emulator.sagemaker_access import refused_call
from local.sagemaker.errors import SageMakerError
from local.sagemaker.response import SageMakerResponse, error_response, result_response

_TARGET = "CodeDeploy_20141006."


class CodeDeployEndpoint:
    """ASGI application that answers CodeDeploy requests, and passes every other connection on.

    Args:
        app: The application for the other requests.
        api: The CodeDeploy API.
    """

    def __init__(self, app: ASGIFramework, *, api: CodeDeployApi) -> None:
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Responds to a CodeDeploy request, when the caller's policies allow it."""
        if scope["type"] != "http" or not headers_of(scope).get("x-amz-target", "").startswith(_TARGET):
            await self._app(scope, receive, send)
        elif (body := await read_body(receive)) is not None:
            await send_response(self._respond(scope, body), send)

    def _respond(self, scope: HTTPScope, body: bytes) -> SageMakerResponse:
        headers = headers_of(scope)
        operation = headers["x-amz-target"].removeprefix(_TARGET)
        try:
            parameters = parse_body(body)
            resources = [self._api.resource(parameters)]
            refused = refused_call(
                scope, headers, body, action=f"codedeploy:{operation}", resources=resources
            )
            return refused or result_response(self._api.call(operation, parameters))
        except CodeDeployError as error:
            return error_response(SageMakerError(error.code, error.message))
