"""Page of IAM's decisions, at DECISIONS_PATH: the log of the emulator, for `python -m local decisions`."""

import json

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

from local.iam.decision_log import DecisionLog
from local.iam.stacks.grants import GrantBook
from local.local_aws import DECISIONS_PATH


class DecisionsPage:
    """ASGI application that answers this path, and passes every other connection on.

    Args:
        log: The decisions.
        grants: The grants of the stacks.
        app: The application for the other paths.
    """

    def __init__(self, log: DecisionLog, *, grants: GrantBook, app: ASGIFramework) -> None:
        self._log = log
        self._grants = grants
        self._app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answers with the decisions and the grants of every role, as JSON."""
        if scope["type"] != "http" or scope["path"] != DECISIONS_PATH:
            await self._app(scope, receive, send)
            return
        body = json.dumps({"decisions": self._log.decisions(), "grants": self._grants.all()}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})
