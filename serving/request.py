"""The body of an HTTP request."""

from collections.abc import Awaitable, Callable
from typing import Any

from bundle import MAX_BODY_BYTES
from serving.problem import too_large

Receive = Callable[[], Awaitable[dict[str, Any]]]


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


def check_size(size: int, headers: dict[bytes, bytes]) -> None:
    """Raises Problem 413 when a body of `size` bytes is over the most there may be."""
    if size <= MAX_BODY_BYTES:
        return
    # A client that waits for "100 Continue" sends no body now, so its connection cannot be used again.
    # Any other is still sending, and would miss the answer if the connection were closed under it.
    close = ((b"connection", b"close"),) if b"expect" in headers else ()
    raise too_large("The body is too large", headers=close)


async def read_body(receive: Receive, headers: dict[bytes, bytes]) -> bytes:
    """The request's body.

    Raises:
        Problem: 413 as soon as it is known to be too large.
        ClientGoneError: When it ends before its end.
    """
    check_size(int(headers.get(b"content-length", 0)), headers)
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        return message["body"]  # type: ignore[no-any-return]  # ASGI messages are dictionaries
    return await _join(message, receive, headers)


async def _join(message: dict[str, Any], receive: Receive, headers: dict[bytes, bytes]) -> bytes:
    body = bytearray()
    while True:
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body += message["body"]
        check_size(len(body), headers)
        if not message["more_body"]:
            return bytes(body)
        message = await receive()
