"""uvicorn with uvloop and httptools, by ASGI."""

from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn


def serve(port: int, make_answer: Callable[[], Callable[[bytes], bytes]]) -> None:
    """Answers every request's body with `answer(body)` until SIGTERM."""
    answer = make_answer()

    async def application(
        scope: dict[str, Any],  # noqa: ARG001  # ASGI's signature
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        body = answer((await receive())["body"])
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(
        application,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
