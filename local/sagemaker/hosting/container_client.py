"""HTTP client for serving processes."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from local.local_aws import LOOPBACK_ADDRESS
from local.sagemaker.hosting.errors import (
    ContainerConnectionError,
    ContainerDownError,
    ContainerTimeoutError,
)


@dataclass(frozen=True, kw_only=True)
class ContainerResponse:
    """An HTTP response of a serving process; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def text(self) -> str:
        """The body, decoded as UTF-8 with replacement characters."""
        return self.body.decode(errors="replace")


def send_request(
    port: int, method: str, path: str, *, timeout: float, body: bytes = b"", headers: Mapping[str, str]
) -> ContainerResponse:
    """Sends one request and reads the response.

    Args:
        port: The port of the serving process.
        method: The HTTP method.
        path: The path.
        timeout: Seconds for each read from and write to the socket.
        body: The request's body.
        headers: The request's headers.

    Raises:
        ContainerDownError: The connection is refused.
        ContainerTimeoutError: No response in time.
        ContainerConnectionError: The connection is closed before the end of the response.
    """
    connection = http.client.HTTPConnection(LOOPBACK_ADDRESS, port, timeout=timeout)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        payload = response.read()
    except ConnectionRefusedError as error:
        raise ContainerDownError from error
    except TimeoutError as error:
        raise ContainerTimeoutError from error
    except (OSError, http.client.HTTPException) as error:
        raise ContainerConnectionError(
            f"The container closed the connection before the end of its response ({type(error).__name__})."
        ) from error
    finally:
        connection.close()
    returned = {name.lower(): value for name, value in response.getheaders()}
    return ContainerResponse(status=response.status, headers=returned, body=payload)
