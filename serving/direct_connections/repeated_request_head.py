"""Head of the requests on a direct connection, which all are alike but for the length of the body."""

import re
from typing import Self

import msgspec

from serving.http.exchange import Exchange
from serving.predict.request import RequestMetadata

_HEAD_END = b"\r\n\r\n"
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([1-9][0-9]*)[ \t]*\r\n", re.IGNORECASE)


class RepeatedRequestHead(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The head of a request that was parsed and accepted.

    Attributes:
        before: Its bytes before the digits of Content-Length.
        after: Its bytes after them.
        metadata: Properties of the request that it states.
    """

    before: bytes
    after: bytes
    metadata: RequestMetadata

    @classmethod
    def of(cls, exchange: Exchange) -> Self | None:
        """Returns the head of a request; None when it says nothing about a body."""
        found = _CONTENT_LENGTH.search(exchange.head)
        if not found or not exchange.inference:
            return None
        start, end = found.span(1)
        return cls(exchange.head[:start], exchange.head[end:], exchange.inference.metadata)

    def body_of(self, data: bytes) -> bytes | None:
        """Returns the body of a request; None unless `data` is one whole request with this head."""
        end = data.find(_HEAD_END) + len(_HEAD_END)
        body = data[end:]
        return body if data[:end] == b"%b%d%b" % (self.before, len(body), self.after) else None
