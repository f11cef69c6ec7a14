"""The request alone, unsigned, on one connection: what nobody can do without."""

from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import urlsplit

_HEADERS = {"content-type": "application/json", "accept": "application/json"}


def start(url: str) -> Callable[[str], str]:
    """Prepares to ask."""
    connection = HTTPConnection(urlsplit(url).netloc)

    def ask(body: str) -> str:
        connection.request("POST", "/endpoints/Tiny/invocations", body.encode(), _HEADERS)
        return connection.getresponse().read().decode()

    return ask
