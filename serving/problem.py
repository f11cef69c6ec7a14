"""Errors as a client gets them: problem documents (RFC 9457)."""

from collections.abc import Sequence
from http import HTTPStatus

import msgspec

from bundle import MAX_BODY_BYTES, MAX_ROWS

MEDIA_TYPE = b"application/problem+json"

Headers = tuple[tuple[bytes, bytes], ...]

# For what may go well a moment later.
RETRY: Headers = ((b"retry-after", b"1"),)

# The words of RFC 9110, where the oldest Python we run on still has those of its predecessor.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}


class RowError(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong with one value.

    Attributes:
        row: Position of the row in the request, from 0.
        field: Name of the field; None when the row as a whole is wrong.
        rule: What the value must be.
    """

    row: int
    field: str | None = None
    rule: str


class Problem(Exception):  # noqa: N818  # the word of RFC 9457
    """A request that gets no prediction, and why.

    Attributes:
        status: HTTP status.
        detail: One or two sentences for the client.
        errors: The wrong values, for status 422.
        headers: Response headers that belong to the status, such as Allow or Retry-After.
    """

    def __init__(
        self, status: int, detail: str, *, errors: Sequence[RowError] = (), headers: Headers = ()
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers

    def encode(self) -> bytes:
        """The problem document, as JSON."""
        title = _TITLES.get(self.status) or HTTPStatus(self.status).phrase
        document = {"type": "about:blank", "title": title, "status": self.status, "detail": self.detail}
        return msgspec.json.encode(document | ({"errors": self.errors} if self.errors else {}))


def too_large(what: str, *, headers: Headers = ()) -> Problem:
    """The refusal, 413, of a request that is too large as `what` says; it names both limits."""
    most = f"{MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes are the most there may be: send several requests."
    return Problem(413, f"{what}; {most}", headers=headers)
