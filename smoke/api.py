"""The REST API in front of the model, asked over HTTP."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from smoke.errors import UnprovenError

# The integration behind the API is cut off after 15 s.
_CONNECT_SECONDS, _READ_SECONDS = 5, 20
# What a hosting answers while it starts: one that sleeps at night wakes at the first request.
_STARTING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
_PAUSE_SECONDS = 1.0

Authorize = Callable[[AWSRequest], None]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer: its status, and its body read as JSON (None when it is none)."""

    status: int
    body: Any

    def __str__(self) -> str:
        """The status, and what an error answer says about itself."""
        body = self.body if isinstance(self.body, dict) else {}
        return " ".join(
            str(part) for part in (self.status, body.get("detail") or body.get("message")) if part
        )


def nobody(_request: AWSRequest) -> None:
    """Leave a request as it is, as a stranger sends it."""


def with_key(value: str) -> Authorize:
    """Send requests with an API key.

    Args:
        value: The key's value.
    """

    def authorize(request: AWSRequest) -> None:
        request.headers["x-api-key"] = value

    return authorize


def with_signature(credentials: Any, region: str) -> Authorize:
    """Sign requests with Signature Version 4.

    Args:
        credentials: Credentials as botocore holds them.
        region: The region the API is in.
    """
    signer: Authorize = SigV4Auth(credentials, "execute-api", region).add_auth
    return signer


class Api:
    """Asks POST /predict and GET /health, within bounds of time.

    Args:
        predict_url: URL for POST.
        health_url: URL for GET.
        authorize: Makes a request one of somebody who may ask.
        seconds: After which nothing more is asked.
        patience: Seconds of them that one request may be repeated for, while the hosting starts.
    """

    def __init__(
        self,
        *,
        predict_url: str,
        health_url: str,
        authorize: Authorize,
        seconds: float = 120.0,
        patience: float = 30.0,
    ) -> None:
        self._predict_url = predict_url
        self._health_url = health_url
        self._authorize = authorize
        self._deadline = time.monotonic() + seconds
        self._patience = patience

    def predict(self, instance: Mapping[str, Any], *, authorized: bool = True) -> Answer:
        """Ask for the prediction of one row.

        Args:
            instance: The row.
            authorized: Whether to ask as somebody who may.

        Raises:
            UnprovenError: There is no answer, or no time left.
        """
        authorize = self._authorize if authorized else nobody
        return self._ask("POST", self._predict_url, json.dumps(instance), authorize)

    def health(self) -> Answer:
        """Ask, as a stranger, whether a prediction would work.

        Raises:
            UnprovenError: There is no answer, or no time left.
        """
        return self._ask("GET", self._health_url, None, nobody)

    def _ask(self, method: str, url: str, body: str | None, authorize: Authorize) -> Answer:
        until = min(time.monotonic() + self._patience, self._deadline)
        while (answer := self._send(method, url, body, authorize)).status in _STARTING:
            if time.monotonic() + _PAUSE_SECONDS > until:
                break
            time.sleep(_PAUSE_SECONDS)
        return answer

    def _send(self, method: str, url: str, body: str | None, authorize: Authorize) -> Answer:
        if time.monotonic() > self._deadline:
            raise UnprovenError("there was no time left to ask: what came before took too long")
        request = AWSRequest(method, url, headers={"content-type": "application/json"}, data=body)
        authorize(request)
        session = URLLib3Session(timeout=(_CONNECT_SECONDS, _READ_SECONDS), proxies=get_environ_proxies(url))
        try:
            response = session.send(request.prepare())
            return Answer(status=response.status_code, body=_json(response.content))
        except BotoCoreError as error:
            raise UnprovenError(f"{method} {url} gets no answer: {error}") from error
        finally:
            session.close()


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
