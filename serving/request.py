"""The parts of an HTTP request that a prediction needs: its content type and its body."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any

from serving.problem import Problem

MAX_BODY_BYTES = 6_291_456

Receive = Callable[[], Awaitable[dict[str, Any]]]

_UTF8 = frozenset({"utf-8", "utf8", "us-ascii"})


class ClientGoneError(Exception):
    """The client closed the connection before its request was complete."""


def check_content_type(headers: dict[bytes, bytes]) -> None:
    """Raises Problem 415 unless the body is said to be JSON in UTF-8."""
    found = headers.get(b"content-type", b"")
    if not _is_json(found):
        raise Problem(
            415, f"The content type is {found.decode('latin-1')!r}: send application/json, in UTF-8."
        )


@lru_cache(maxsize=64)
def _is_json(content_type: bytes) -> bool:
    media_type, *parameters = content_type.decode("latin-1").lower().split(";")
    pairs = [parameter.partition("=") for parameter in parameters]
    charsets = [value.strip('" ') for name, _, value in pairs if name.strip() == "charset"]
    return media_type.strip() == "application/json" and _UTF8.issuperset(charsets)


def check_size(size: int, headers: dict[bytes, bytes]) -> None:
    """Raises Problem 413 when a body of `size` bytes is over 6,291,456.

    That is the most InvokeEndpoint accepts:
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
    """
    if size <= MAX_BODY_BYTES:
        return
    # A client that waits for "100 Continue" sends no body now, so its connection cannot be used again.
    # Any other is still sending, and would miss the answer if the connection were closed under it.
    close = ((b"connection", b"close"),) if b"expect" in headers else ()
    raise Problem(
        413,
        f"The body is over {MAX_BODY_BYTES} bytes, the most there may be: send fewer rows.",
        headers=close,
    )


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
