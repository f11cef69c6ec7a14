"""What a container answers."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from local.listener import HOST
from local.sagemaker.errors import ContainerDownError, ContainerLateError, ContainerLostError


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An HTTP answer of a container; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether it did what it was asked."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def text(self) -> str:
        """The body, whatever it is."""
        return self.body.decode(errors="replace")


def ask(
    port: int, method: str, path: str, *, timeout: float, body: bytes = b"", headers: Mapping[str, str]
) -> Reply:
    """Send a container one request.

    Args:
        port: Where it listens.
        method: HTTP method.
        path: Where to.
        timeout: Seconds between two signs of life.
        body: The request's body.
        headers: The request's headers.

    Raises:
        ContainerDownError: It does not listen.
        ContainerLateError: It does not answer in time.
        ContainerLostError: It breaks off.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        payload = answer.read()
    except ConnectionRefusedError as error:
        raise ContainerDownError from error
    except TimeoutError as error:
        raise ContainerLateError from error
    except (OSError, http.client.HTTPException) as error:
        message = f"The container broke off before it had answered ({type(error).__name__})."
        raise ContainerLostError(message) from error
    finally:
        connection.close()
    returned = {name.lower(): value for name, value in answer.getheaders()}
    return Reply(status=answer.status, headers=returned, body=payload)
