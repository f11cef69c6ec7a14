"""Exchange: one HTTP request and its response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.http.response import CLOSE, problem_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from serving.http.response import Response
    from serving.predict.request import InferenceRequest
    from serving.problem import Problem


class Exchange:
    """One HTTP request and its response.

    Attributes:
        target: The request target as sent.
        path: Path of the target, without the query.
        query: Query of the target; empty when it has none.
        method: HTTP method.
        headers: Headers by lower-case name.
        body: The body, once it is complete.
        route: Name of its route; "none" while that is unknown.
        handle: The handler of its route.
        inference: What the workers are to predict, on a route that predicts.
        arrived: When the request was complete, in seconds of the monotonic clock.
        expires: When its deadline passes, on the same clock.
        crashes: How many workers ended while they had it.
        crashed: When the last of them did, on the same clock.
        response: The rendered response; None until there is one.
        ending: The Connection header line of the response; empty for the default of HTTP/1.1.
        gone: Whether the client closed the connection.
    """

    target = path = query = method = body = ending = b""
    route = "none"
    handle: Callable[[Exchange], None] | None = None
    inference: InferenceRequest | None = None
    response: bytes | None = None
    arrived = expires = crashed = 0.0
    crashes = 0
    gone = False

    def __init__(self, reply: Callable[[Exchange, Response], None]) -> None:
        """Creates an exchange; `reply` renders its response and writes it to the client."""
        self.headers: dict[bytes, bytes] = {}
        self._reply = reply

    @property
    def closes(self) -> bool:
        """Whether the connection is closed after the response."""
        return self.ending is CLOSE

    def respond(self, response: Response) -> None:
        """Sends the response, unless one was sent already or the client is gone."""
        if self.response is None and not self.gone:
            self._reply(self, response)

    def refuse(self, problem: Problem) -> None:
        """Sends a problem document as the response, under the same conditions."""
        self.respond(problem_response(problem))
