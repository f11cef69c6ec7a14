"""Errors of requests, sent to clients as problem documents (RFC 9457)."""

from collections.abc import Sequence

import msgspec

from bundle import PROBLEM_MEDIA_TYPE, REQUEST_LIMITS, RETRY_AFTER_SECONDS, problem_document

MEDIA_TYPE = PROBLEM_MEDIA_TYPE.encode()

# Header names and values.
HeaderLines = tuple[tuple[bytes, bytes], ...]

# For errors that a retry a moment later may not meet.
RETRY_AFTER: HeaderLines = ((b"retry-after", b"%d" % RETRY_AFTER_SECONDS),)


class RowError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One invalid value of a request.

    Attributes:
        row: Position of the row in the request, from 0.
        field: Name of the field; None when the row as a whole is invalid.
        rule: Rule that the value must fulfil.
    """

    row: int
    field: str | None = None
    rule: str


class Problem(Exception):  # noqa: N818  # the word of RFC 9457
    """An error response to a request.

    Attributes:
        status: HTTP status.
        detail: One or two sentences for the client.
        errors: The invalid values, for status 422.
        headers: Response headers that belong to the status, such as Allow or Retry-After.
    """

    def __init__(
        self, status: int, detail: str, *, errors: Sequence[RowError] = (), headers: HeaderLines = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def encode(self) -> bytes:
        """Returns the problem document as JSON."""
        document = problem_document(self.status, self.detail)
        return msgspec.json.encode(document | ({"errors": self.errors} if self.errors else {}))


def too_large(what: str, *, headers: HeaderLines = ()) -> Problem:
    """Returns a Problem 413 whose detail is `what`, followed by the limits of rows and bytes."""
    limits = f"{REQUEST_LIMITS} are the most there may be: send several requests."
    return Problem(413, f"{what}; {limits}", headers=headers)
