"""Which path is answered by what.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from serving.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serving.http.exchange import Exchange


class Route(NamedTuple):
    """What answers a path, and with which methods.

    Attributes:
        name: What it is counted under.
        pattern: The path as clients are told; a part in braces stands for any.
        methods: Its HTTP methods.
        handle: Answers a complete request, now or later.
    """

    name: str
    pattern: str
    methods: tuple[str, ...]
    handle: Callable[[Exchange], None]

    def takes(self, path: bytes) -> bool:
        """Whether this is the route of a path."""
        parts, wanted = path.split(b"/"), self.pattern.encode().split(b"/")
        return len(parts) == len(wanted) and all(
            bool(part) if name.startswith(b"{") else part == name
            for part, name in zip(parts, wanted, strict=True)
        )


class Routes:
    """The routes of this process."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes = tuple(routes)
        self._plain = {
            (method.encode(), route.pattern.encode()): route
            for route in self._routes
            for method in route.methods
        }

    def find(self, method: bytes, path: bytes) -> Route:
        """The route of a request.

        Raises:
            Problem: 404 when there is none, 405 when it has other methods.
        """
        return self._plain.get((method, path)) or self._search(method.decode("latin-1"), path)

    def _search(self, method: str, path: bytes) -> Route:
        found = [route for route in self._routes if route.takes(path)]
        if not found:
            known = ", ".join(dict.fromkeys(route.pattern for route in self._routes))
            raise Problem(404, f"There is nothing here: the paths are {known}.")
        for route in found:
            if method in route.methods:
                return route
        allowed = ", ".join(method for route in found for method in route.methods)
        raise Problem(
            405, f"The methods of {found[0].pattern} are {allowed}.", headers=((b"allow", allowed.encode()),)
        )
