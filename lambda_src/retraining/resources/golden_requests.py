"""Requests to the REST API of the stack, with an API key or a signature of the function's role."""

import http.client
import json
import os
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

# The timeout of the API's integration is 15 s.
_SECONDS = 20.0
_ATTEMPTS = 3
# A hosting that starts, or has no room: the same statuses as in smoke tests.
_STARTING = (429, 503, 504)
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})


class ApiAnswer(NamedTuple):
    """An answer of the API.

    Attributes:
        status: HTTP status; 0 without an answer.
        body: The body, decoded from JSON; None when it is none.
    """

    status: int
    body: Any

    @property
    def version(self) -> str:
        """Version of the model that has answered; "" if the answer names none."""
        model = self.body.get("model") if isinstance(self.body, dict) else None
        return str(model.get("version", "")) if isinstance(model, dict) else ""

    def __str__(self) -> str:
        """Returns the status, and the detail of a problem."""
        body = self.body if isinstance(self.body, dict) else {}
        detail = body.get("detail") or body.get("message") or ""
        return f"{self.status or 'no answer'} {detail}".rstrip()


class GoldenRequests:
    """Sends rows and health checks.

    Args:
        predict_url: URL of POST /predict.
        health_url: URL of GET /health.
        key_id: Id of the API key; "" for signatures.
        sleep: Waits some seconds before a request is repeated.
    """

    def __init__(
        self,
        *,
        predict_url: str,
        health_url: str,
        key_id: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._predict_url = predict_url
        self._health_url = health_url
        self._key_id = key_id
        self._key = ""
        self._sleep = sleep

    def predict(self, instance: Mapping[str, Any], *, attempts: int = _ATTEMPTS) -> ApiAnswer:
        """Asks for the prediction of a row; a hosting that starts is asked again."""
        body = json.dumps(instance)
        return self._repeated(
            lambda: self._send("POST", self._predict_url, body, self._credentials(body)), attempts
        )

    def health(self) -> ApiAnswer:
        """Asks for the health of the service."""
        return self._repeated(lambda: self._send("GET", self._health_url, "", {}), _ATTEMPTS)

    def _repeated(self, send: Callable[[], ApiAnswer], attempts: int) -> ApiAnswer:
        for attempt in range(attempts - 1):
            answer = send()
            if answer.status and answer.status not in _STARTING:
                return answer
            self._sleep(2.0**attempt)
        return send()

    def _credentials(self, body: str) -> Mapping[str, str]:
        if self._key_id:
            return {"x-api-key": self._api_key()}
        request = AWSRequest(
            "POST", self._predict_url, headers={"content-type": "application/json"}, data=body
        )
        session = boto3.Session()
        SigV4Auth(session.get_credentials(), "execute-api", session.region_name).add_auth(request)
        return dict(request.headers.items())

    def _api_key(self) -> str:
        if not self._key:
            client = boto3.client("apigateway", config=_CONFIG)
            self._key = client.get_api_key(apiKey=self._key_id, includeValue=True)["value"]
        return self._key

    def _send(self, method: str, url: str, body: str, headers: Mapping[str, str]) -> ApiAnswer:
        parts = urlsplit(url)
        # As every SDK of AWS reads it: where the services are, if they are not at their own names.
        endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL") or url)
        kind = http.client.HTTPSConnection if endpoint.scheme == "https" else http.client.HTTPConnection
        connection = kind(endpoint.netloc, timeout=_SECONDS)
        sent = {"host": parts.netloc, "content-type": "application/json", **headers}
        try:
            connection.request(method, parts.path, body.encode() or None, sent)
            response = connection.getresponse()
            return ApiAnswer(response.status, _decoded(response.read()))
        except (OSError, http.client.HTTPException):
            return ApiAnswer(0, None)
        finally:
            connection.close()


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
