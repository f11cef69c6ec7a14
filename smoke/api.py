"""HTTP client of the REST API."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from api import model_prefixes
from smoke.account import Account
from smoke.deployed_stack import DeployedStack
from smoke.errors import CheckFailedError

# The timeout of the API's integration is 15 s.
_CONNECT_SECONDS, _READ_SECONDS = 5, 20
# The statuses of a hosting that starts, such as serverless hosting after a pause.
_STARTING = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
_RETRY_SECONDS = 1.0
_SECONDS = 120.0
# How long a request is repeated while its hosting starts.
_PATIENCE = 30.0

Authorize = Callable[[AWSRequest], None]


@dataclass(frozen=True, kw_only=True)
class ApiResponse:
    """An HTTP response.

    Attributes:
        status: Its status.
        body: Its body, parsed as JSON; None when it is not JSON.
    """

    status: int
    body: Any

    def __str__(self) -> str:
        """Returns the status, and the detail or message of an error response."""
        body = self.body if isinstance(self.body, dict) else {}
        return " ".join(
            str(part) for part in (self.status, body.get("detail") or body.get("message")) if part
        )


def without_credentials(_request: AWSRequest) -> None:
    """Leaves a request without credentials."""


def with_key(value: str) -> Authorize:
    """Returns a function that adds an API key to a request.

    Args:
        value: The key's value.
    """

    def authorize(request: AWSRequest) -> None:
        request.headers["x-api-key"] = value

    return authorize


def with_signature(credentials: Any, region: str) -> Authorize:
    """Returns a function that signs a request with Signature Version 4.

    Args:
        credentials: botocore's Credentials.
        region: The region of the API.
    """
    signer: Authorize = SigV4Auth(credentials, "execute-api", region).add_auth
    return signer


class ApiClient:
    """Sends POST /predict and GET /health, with time limits.

    Args:
        predict_url: The URL of POST /predict.
        health_url: The URL of GET /health.
        authorize: Adds credentials to a request.
        seconds: The time limit for all requests.
        patience: The time in seconds for retries of one request while the hosting starts.
        ca_bundle: The path of the certificates that are trusted; True for the usual ones.
        sleep: Waits before a retry; takes seconds.
    """

    def __init__(
        self,
        *,
        predict_url: str,
        health_url: str,
        authorize: Authorize,
        seconds: float = _SECONDS,
        patience: float = _PATIENCE,
        ca_bundle: str | bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._predict_url = predict_url
        self._health_url = health_url
        self._authorize = authorize
        self._deadline = time.monotonic() + seconds
        self._patience = patience
        self._ca_bundle = ca_bundle
        self._sleep = sleep

    def predict(
        self, instance: Mapping[str, Any], *, query: str = "", authorized: bool = True
    ) -> ApiResponse:
        """Requests the prediction of one row.

        Args:
            instance: The row.
            query: Parameters of the request, such as "strict=true".
            authorized: Whether the request has credentials.

        Raises:
            CheckFailedError: There is no response, or the time limit is over.
        """
        authorize = self._authorize if authorized else without_credentials
        url = f"{self._predict_url}?{query}" if query else self._predict_url
        return self._request("POST", url, json.dumps(instance), authorize)

    def health(self) -> ApiResponse:
        """Requests the health of the service, without credentials.

        Raises:
            CheckFailedError: There is no response, or the time limit is over.
        """
        return self._request("GET", self._health_url, None, without_credentials)

    def _request(self, method: str, url: str, body: str | None, authorize: Authorize) -> ApiResponse:
        deadline = min(time.monotonic() + self._patience, self._deadline)
        while (response := self._send(method, url, body, authorize)).status in _STARTING:
            if time.monotonic() + _RETRY_SECONDS > deadline:
                break
            self._sleep(_RETRY_SECONDS)
        return response

    def _send(self, method: str, url: str, body: str | None, authorize: Authorize) -> ApiResponse:
        if time.monotonic() > self._deadline:
            raise CheckFailedError("the time limit for all requests is over: earlier requests took too long")
        request = AWSRequest(method, url, headers={"content-type": "application/json"}, data=body)
        authorize(request)
        session = URLLib3Session(
            timeout=(_CONNECT_SECONDS, _READ_SECONDS),
            proxies=get_environ_proxies(url),
            verify=self._ca_bundle,
        )
        try:
            response = session.send(request.prepare())
            return ApiResponse(status=response.status_code, body=_json(response.content))
        except BotoCoreError as error:
            raise CheckFailedError(f"{method} {url} gets no response: {error}") from error
        finally:
            session.close()


def api_clients(
    account: Account,
    stack: DeployedStack,
    models: Sequence[str],
    *,
    api_url: str | None = None,
    seconds: float = _SECONDS,
    patience: float | None = None,
) -> dict[str, ApiClient]:
    """Returns a client for each model of a stack, with the stack's API key or the account's signature.

    Args:
        account: The account of the stack.
        stack: The stack.
        models: The names of its models.
        api_url: The URL of the API and its stage, if it differs from the stack's outputs.
        seconds: As in ApiClient.
        patience: As in ApiClient; None for its default, and 0 for a paused service.
    """
    outputs = stack.outputs
    if patience is None:
        # A paused service answers 503 until it is woken, so a retry would wait in vain.
        patience = 0.0 if stack.is_paused else _PATIENCE
    authorize = (
        with_key(account.api_key(outputs["ApiKeyId"]))
        if "ApiKeyId" in outputs
        else with_signature(account.credentials, account.region)
    )
    return {
        model: ApiClient(
            predict_url=_replace_base(outputs["PredictUrl" + mark], api_url),
            health_url=_replace_base(outputs["HealthUrl"], api_url),
            authorize=authorize,
            seconds=seconds,
            patience=patience,
            ca_bundle=account.ca_bundle,
        )
        for model, mark in model_prefixes(models).items()
    }


def _replace_base(url: str, api_url: str | None) -> str:
    # The path below the stage, which is the last segment of api_url.
    return f"{api_url.rstrip('/')}/{urlsplit(url).path.split('/', 2)[2]}" if api_url else url


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
