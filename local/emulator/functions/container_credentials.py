"""Endpoint of credentials for functions with SnapStart, which have none in their environment.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html#snapstart-credentials
"""

import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope

_PATH = "/_local/credentials"
_LIFETIME = timedelta(hours=1)
# Environment variable -> member of the endpoint's answer:
# https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
_MEMBERS = {
    "AWS_ACCESS_KEY_ID": "AccessKeyId",
    "AWS_SECRET_ACCESS_KEY": "SecretAccessKey",
    "AWS_SESSION_TOKEN": "Token",
}
_issued: dict[str, dict[str, str]] = {}


def container_credentials(variables: Mapping[str, str], *, address: str) -> dict[str, str]:
    """Returns the environment variables with which a function finds its credentials.

    Args:
        variables: The credentials, as environment variables.
        address: Address of the emulator, such as http://127.0.0.1:4566.
    """
    token = secrets.token_urlsafe()
    _issued[token] = {member: variables[name] for name, member in _MEMBERS.items()}
    return {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": address + _PATH,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
    }


class CredentialsEndpoint:
    """ASGI application that answers this path, and passes every other connection on.

    Args:
        app: The application for the other paths.
    """

    def __init__(self, app: ASGIFramework) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Answers with the credentials of the function whose token the request has."""
        if scope["type"] != "http" or scope["path"] != _PATH:
            await self._app(scope, receive, send)
            return
        token = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        found = _issued.get(token)
        expiration = (datetime.now(UTC) + _LIFETIME).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = json.dumps({**found, "Expiration": expiration} if found else {}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200 if found else 403, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})
