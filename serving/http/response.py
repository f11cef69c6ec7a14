"""HTTP/1.1 response and the constants of its head."""

from email.utils import formatdate
from http import HTTPStatus
from typing import Self

import msgspec

from serving.log import log_event
from serving.problem import MEDIA_TYPE, Problem

JSON_HEAD = b"content-type: application/json\r\n"
CLOSE = b"connection: close\r\n"
KEEP_ALIVE = b"connection: keep-alive\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus
}


class Response(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The response to one request, without the headers that its connection adds.

    Attributes:
        status: HTTP status.
        head: Header lines, each with its line end.
        body: The response's body.
        rows: Number of predictions in the body.
        warnings: Number of warnings of its rows by kind; None without any.
    """

    status: int
    head: bytes
    body: bytes
    rows: int = 0
    warnings: dict[str, int] | None = None


class ResponseRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Record of a response for the metrics and the access log.

    Attributes:
        status: HTTP status.
        seconds: Time since the request was complete.
        rows: Number of predictions in the body.
        request_bytes: Size of the request's body.
        response_bytes: Size of the response's body.
        warnings: Number of warnings of its rows by kind; None without any.
    """

    status: int
    seconds: float
    rows: int
    request_bytes: int
    response_bytes: int
    warnings: dict[str, int] | None = None

    @classmethod
    def of(cls, response: Response, seconds: float, request_bytes: int) -> Self:
        """Returns the record of a response."""
        size = len(response.body)
        return cls(response.status, seconds, response.rows, request_bytes, size, response.warnings)

    def log(self, route: str) -> None:
        """Logs it as the response to a request of a route: a failure of the server as a warning."""
        log_event(
            "warning" if self.status >= 500 else "info",
            "request",
            route=route,
            status=self.status,
            milliseconds=round(self.seconds * 1000, 3),
            rows=self.rows,
            request_bytes=self.request_bytes,
            response_bytes=self.response_bytes,
        )


def date_line() -> bytes:
    """Returns the Date header line of this second."""
    return f"date: {formatdate(usegmt=True)}\r\n".encode()


def problem_response(problem: Problem) -> Response:
    """Returns the response that carries a problem document (RFC 9457)."""
    lines = [(b"content-type", MEDIA_TYPE), *problem.headers]
    return Response(problem.status, b"".join(b"%b: %b\r\n" % line for line in lines), problem.encode())
