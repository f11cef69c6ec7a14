"""One request on its way to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.http.response import CLOSE, problem_head, render
from serving.workers.protocol import Answer

if TYPE_CHECKING:
    from serving.http.connection import Connection
    from serving.problem import Problem
    from serving.routes import Route
    from serving.workers.protocol import Question


class Exchange:
    """A request, the connection it came by, and in the end its answer.

    Attributes:
        connection: Where it came from and its answer goes.
        url: Its target as sent.
        path: Its path, without the query.
        query: Its query, empty when there is none.
        method: Its HTTP method.
        headers: Its headers by lower-case name.
        body: Its body, once it is complete.
        route: What answers it; None while that is unknown.
        question: What is asked of a model, if anything is.
        arrived: When it was complete, in seconds of the monotonic clock.
        expires: When its time is up, on the same clock.
        deaths: How many workers died while they had it.
        lost: When the last of them did, on the same clock.
        response: The answer's bytes; None until there is one.
        ending: Header line about what becomes of the connection; empty for what HTTP/1.1 does by itself.
        gone: Whether the client left.
    """

    url = path = query = method = body = ending = b""
    route: Route | None = None
    question: Question | None = None
    response: bytes | None = None
    arrived = expires = lost = 0.0
    deaths = 0
    gone = False

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.headers: dict[bytes, bytes] = {}

    @property
    def closes(self) -> bool:
        """Whether the connection ends with the answer."""
        return self.ending is CLOSE

    def answer(self, answer: Answer) -> None:
        """Answers, unless that was done or nobody waits."""
        if self.response is not None or self.gone:
            return
        clients = self.connection.clients
        if clients.stopping:
            self.ending = CLOSE
        head = answer.head + clients.date + self.ending
        self.response = render(answer.status, head, answer.body, without_body=self.method == b"HEAD")
        clients.journal.record(self, answer)
        self.connection.flush()

    def refuse(self, problem: Problem) -> None:
        """Answers with a problem document."""
        self.answer(Answer(problem.status, problem_head(problem), problem.encode()))
