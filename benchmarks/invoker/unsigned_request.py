"""An unsigned request on one connection, as a lower bound."""

from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import urlsplit

_HEADERS = {"content-type": "application/json", "accept": "application/json"}


def start(url: str) -> Callable[[str], str]:
    """Opens a connection and returns a function that sends a body."""
    connection = HTTPConnection(urlsplit(url).netloc)

    def invoke(body: str) -> str:
        connection.request("POST", "/endpoints/Tiny/invocations", body.encode(), _HEADERS)
        return connection.getresponse().read().decode()

    return invoke
