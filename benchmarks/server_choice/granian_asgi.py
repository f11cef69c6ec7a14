"""granian on uvloop, by ASGI."""

from collections.abc import Awaitable, Callable
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops


def serve(port: int, make_answer: Callable[[], Callable[[bytes], bytes]]) -> None:
    """Answers every request's body with `answer(body)` until SIGTERM."""

    def load() -> Callable[..., Awaitable[None]]:
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

        return application

    server = Granian(
        "application",
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        loop=Loops.uvloop,
        websockets=False,
        log_enabled=False,
    )
    server.serve(target_loader=load, wrap_loader=False)
