"""An AWS service as the invoker reaches it: its URL, signatures of the role, and connections of botocore.

A client of botocore reads the description of the whole service at a cold start, and its layers take most of
the time of a warm call, so there is none.
"""

import functools
import hashlib
import hmac
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies, normalize_url_path


class Limits(NamedTuple):
    """Limits of the connections to a service.

    Attributes:
        connect_seconds: Time limit of the start of a connection.
        read_seconds: Time limit of each wait for bytes.
        connections: The most connections that are kept.
    """

    connect_seconds: float
    read_seconds: float
    connections: int = 10


# Two attempts take 9 seconds at worst, less than the 12 seconds of the function's own timeout.
PROMPT = Limits(connect_seconds=1, read_seconds=3)
# For hosts with cold starts: the request's deadline passes before read_seconds. The second attempt is for a
# kept-alive connection that the host has closed. Health checks of several models use one connection each.
PATIENT = Limits(connect_seconds=1, read_seconds=10, connections=50)

_ALGORITHM = "AWS4-HMAC-SHA256"
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class RoleKeys(NamedTuple):
    """Credentials of the function's role, with the names that botocore's signers read."""

    access_key: str
    secret_key: str
    token: str | None


def role_credentials() -> RoleKeys:
    """Returns the credentials of the function's role, which an environment of the function has for its life.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    return RoleKeys(
        os.environ.get("AWS_ACCESS_KEY_ID", ""),
        os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
        os.environ.get("AWS_SESSION_TOKEN"),
    )


def own_region() -> str:
    """Returns the function's region."""
    return os.environ["AWS_REGION"]


def service_url(host: str, service_id: str) -> str:
    """Returns the URL of a service; the environment may name another one.

    https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html

    Args:
        host: Host name without region and domain, such as runtime.sagemaker.
        service_id: Name of the service in the environment's variables, such as SAGEMAKER_RUNTIME.
    """
    given = os.environ.get(f"AWS_ENDPOINT_URL_{service_id}") or os.environ.get("AWS_ENDPOINT_URL")
    return given or f"https://{host}.{own_region()}.{os.environ['URL_SUFFIX']}"


def http_session(url: str, limits: Limits) -> URLLib3Session:
    """Returns a session of HTTP, whose connections send small packets at once."""
    return URLLib3Session(
        verify=os.environ.get("AWS_CA_BUNDLE") or True,
        proxies=get_environ_proxies(url),
        timeout=(limits.connect_seconds, limits.read_seconds),
        max_pool_connections=limits.connections,
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )


class RequestSigner:
    """Signs requests to one service with AWS Signature Version 4, to the same bytes as botocore's signer.

    That one takes a seventh of a warm call: it parses the URL and derives the key of the day each time.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

    Args:
        service: Name of the service in signatures.
        url: URL of the service.
        clock: Seconds since the epoch.
    """

    def __init__(self, service: str, url: str, *, clock: Callable[[], float] = time.time) -> None:
        self._keys = role_credentials()
        self._scope = f"{own_region()}/{service}/aws4_request"
        parts = urlsplit(url)
        self._host = (
            parts.netloc.rpartition("@")[2].lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ""))
        )
        self._base = parts.path
        self._clock = clock
        self._last_key = "", b""

    def sign(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """Returns the headers that a request gets in addition to its own.

        Args:
            method: HTTP method.
            path: Path after the service's URL, percent-encoded, without a query.
            headers: Headers of the request, which are all signed; names in lower case.
            body: Body of the request.
        """
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock()))
        added = {"X-Amz-Date": moment}
        signed = {**headers, "host": self._host, "x-amz-date": moment}
        if self._keys.token:
            added["X-Amz-Security-Token"] = signed["x-amz-security-token"] = self._keys.token
        names = ";".join(sorted(signed))
        lines = [f"{name}:{' '.join(signed[name].split())}" for name in sorted(signed)]
        content = hashlib.sha256(body).hexdigest()
        request = "\n".join([method, _canonical(self._base + path), "", *lines, "", names, content])
        scope = f"{moment[:8]}/{self._scope}"
        digest = hashlib.sha256(request.encode()).hexdigest()
        signature = _keyed(self._key(scope), f"{_ALGORITHM}\n{moment}\n{scope}\n{digest}").hex()
        added["Authorization"] = (
            f"{_ALGORITHM} Credential={self._keys.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return added

    def _key(self, scope: str) -> bytes:
        """Returns the key of a day."""
        known, key = self._last_key
        if known != scope:
            key = functools.reduce(_keyed, scope.split("/"), f"AWS4{self._keys.secret_key}".encode())
            self._last_key = scope, key
        return key


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


@functools.lru_cache(maxsize=100)
def _canonical(path: str) -> str:
    return quote(normalize_url_path(path), safe="/~")
