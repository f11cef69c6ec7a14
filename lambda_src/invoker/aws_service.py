"""An AWS service as the invoker reaches it: its URL, the role's credentials, and connections of botocore.

A client of botocore reads the description of the whole service at a cold start, and its layers take most of
the time of a warm call, so there is none.
"""

import os
import socket
from typing import NamedTuple

from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies


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
