"""An HTTP/1.1 response as bytes."""

from http import HTTPStatus

from serving.problem import MEDIA_TYPE, Problem

JSON = b"content-type: application/json\r\n"
CLOSE = b"connection: close\r\n"
KEEP = b"connection: keep-alive\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_LINES = {status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}


def render(status: int, head: bytes, body: bytes, *, without_body: bool = False) -> bytes:
    """The response's bytes.

    Args:
        status: HTTP status.
        head: Header lines but that of the length, each with its line end.
        body: The body.
        without_body: Whether it is the answer to HEAD.
    """
    return b"%b%bcontent-length: %d\r\n\r\n%b" % (
        _LINES[status],
        head,
        len(body),
        b"" if without_body else body,
    )


def problem_head(problem: Problem) -> bytes:
    """The header lines of a problem document."""
    lines = [(b"content-type", MEDIA_TYPE), *problem.headers]
    return b"".join(b"%b: %b\r\n" % line for line in lines)
