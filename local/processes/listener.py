"""Listening sockets and free ports of the loopback address."""

import socket

from local.errors import PortTakenError
from local.local_aws import LOOPBACK_ADDRESS


def listen(port: int) -> socket.socket:
    """Opens a listening socket on the loopback address.

    Args:
        port: The port, or 0 for a free one.

    Raises:
        PortTakenError: Another program listens on the port.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _refuse_shared(port)
        listener.bind((LOOPBACK_ADDRESS, port))
        listener.listen(100)
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"Port {port} is not available ({error.strerror}): stop the program that uses it, "
            "or choose another port with LOCAL_PORT."
        ) from error
    return listener


def free_port() -> int:
    """Returns a port of the loopback address without a listener.

    Another process can take the port before the caller binds it.
    """
    with socket.socket() as probe:
        probe.bind((LOOPBACK_ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


def _refuse_shared(port: int) -> None:
    """Raises OSError if a program already listens on the port, on any address.

    On some systems SO_REUSEADDR permits a second bind beside a listener on 0.0.0.0.
    """
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if port and probe.connect_ex((LOOPBACK_ADDRESS, port)) == 0:
            raise OSError(None, "another program listens on it")
