"""The one address of AWS on this machine: SageMaker's requests are answered here, all others by MiniStack."""

import re

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from local.sagemaker.api import Api
from local.sagemaker.runtime import Runtime
from local.sagemaker.wire import Response

_TARGET = "SageMaker."
_INVOCATIONS = re.compile(r"/endpoints/([^/]+)/invocations")


class Gateway:
    """An ASGI application.

    Args:
        emulator: MiniStack, an ASGI application too.
        api: SageMaker's API.
        runtime: SageMaker's runtime.
    """

    def __init__(self, *, emulator: ASGIFramework, api: Api, runtime: Runtime) -> None:
        self._emulator = emulator
        self._api = api
        self._runtime = runtime

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answer one request, or hand the connection on."""
        if scope["type"] != "http" or not _is_ours(scope):
            await self._emulator(scope, receive, send)
        elif (body := await _body(receive)) is not None:
            await _send(await self._answer(scope, body), send)

    async def _answer(self, scope: HTTPScope, body: bytes) -> Response:
        headers = _headers(scope)
        if invocation := _INVOCATIONS.fullmatch(scope["path"]):
            return await self._runtime.answer(invocation[1], headers, body)
        return self._api.answer(headers["x-amz-target"].removeprefix(_TARGET), body)


def _is_ours(scope: HTTPScope) -> bool:
    return scope["method"] == "POST" and (
        _headers(scope).get("x-amz-target", "").startswith(_TARGET)
        or _INVOCATIONS.fullmatch(scope["path"]) is not None
    )


def _headers(scope: HTTPScope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def _body(receive: ASGIReceiveCallable) -> bytes | None:
    """The whole body, or None when the client is gone before its end."""
    parts = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)
    return None


async def _send(response: Response, send: ASGISendCallable) -> None:
    headers = {**response.headers, "content-length": str(len(response.body))}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(response.status), "headers": encoded})
    await send({"type": "http.response.body", "body": response.body, "more_body": False})
