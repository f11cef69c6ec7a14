"""ASGI application on the emulator's port: routes requests to SageMaker or to MiniStack."""

import re

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from local.emulator import own_api_authorization
from local.sagemaker.api.sagemaker_api import SageMakerApi
from local.sagemaker.hosting.runtime import SageMakerRuntime
from local.sagemaker.sagemaker_response import SageMakerResponse

_TARGET = "SageMaker."
_INVOCATIONS = re.compile(r"/endpoints/([^/]+)/invocations")


class RequestRouter:
    """ASGI application.

    Args:
        emulator: MiniStack's ASGI application.
        api: The SageMaker API.
        runtime: The SageMaker Runtime API.
    """

    def __init__(self, *, emulator: ASGIFramework, api: SageMakerApi, runtime: SageMakerRuntime) -> None:
        self._emulator = emulator
        self._api = api
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Responds to a SageMaker request; passes every other connection to MiniStack."""
        if scope["type"] != "http" or not _is_sagemaker(scope):
            await self._emulator(scope, receive, send)
        elif (body := await read_body(receive)) is not None:
            await send_response(await self._respond(scope, body), send)

    async def _respond(self, scope: HTTPScope, body: bytes) -> SageMakerResponse:
        headers = headers_of(scope)
        if invocation := _INVOCATIONS.fullmatch(scope["path"]):
            refused = own_api_authorization.refusal(scope, headers, body, "InvokeEndpoint", invocation[1])
            return refused or await self._runtime.invoke_endpoint(invocation[1], headers, body)
        operation = headers["x-amz-target"].removeprefix(_TARGET)
        refused = own_api_authorization.refusal(scope, headers, body, operation)
        return refused or self._api.respond(operation, body)


def _is_sagemaker(scope: HTTPScope) -> bool:
    return scope["method"] == "POST" and (
        headers_of(scope).get("x-amz-target", "").startswith(_TARGET)
        or _INVOCATIONS.fullmatch(scope["path"]) is not None
    )


def headers_of(scope: HTTPScope) -> dict[str, str]:
    """Returns the headers of a request; their names are in lower case."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def read_body(receive: ASGIReceiveCallable) -> bytes | None:
    """Reads the whole body; None when the client disconnects first."""
    parts = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)
    return None


async def send_response(response: SageMakerResponse, send: ASGISendCallable) -> None:
    """Sends a response."""
    headers = {**response.headers, "content-length": str(len(response.body))}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(response.status), "headers": encoded})
    await send({"type": "http.response.body", "body": response.body, "more_body": False})
