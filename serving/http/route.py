"""Route: a path pattern, its HTTP methods and its handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.exchange import Exchange

# Name of the route of predictions.
INFERENCE = "invocations"


class Route(NamedTuple):
    """A path pattern, its HTTP methods and its handler.

    Attributes:
        name: Label of its requests in the metrics and in the access log.
        pattern: The path; a segment in braces matches any segment that is not empty.
        methods: Its HTTP methods.
        handle: Responds to a complete request, at once or later.
    """

    name: str
    pattern: str
    methods: tuple[str, ...]
    handle: Callable[[Exchange], None]

    def matches(self, path: bytes) -> bool:
        """Whether a path, as sent and without query, matches the pattern."""
        segments, wanted = path.split(b"/"), self.pattern.encode().split(b"/")
        return len(segments) == len(wanted) and all(
            bool(segment) if name.startswith(b"{") else segment == name
            for segment, name in zip(segments, wanted, strict=True)
        )
