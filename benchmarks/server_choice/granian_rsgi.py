"""granian on uvloop, by its own interface, RSGI."""

from collections.abc import Awaitable, Callable
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops


def serve(port: int, make_answer: Callable[[], Callable[[bytes], bytes]]) -> None:
    """Answers every request's body with `answer(body)` until SIGTERM."""

    def load() -> Callable[[Any, Any], Awaitable[None]]:
        answer = make_answer()
        headers = [("content-type", "application/json")]

        async def application(_scope: Any, protocol: Any) -> None:
            protocol.response_bytes(200, headers, answer(await protocol()))

        return application

    server = Granian(
        "application",
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        loop=Loops.uvloop,
        websockets=False,
        log_enabled=False,
    )
    server.serve(target_loader=load, wrap_loader=False)
