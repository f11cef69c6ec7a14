"""The one port AWS on this machine listens on."""

import socket

from local.errors import PortTakenError

HOST = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """Listen on the loopback address only.

    Args:
        port: The port, or 0 for a free one.

    Raises:
        PortTakenError: Another program listens there.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _refuse_shared(port)
        listener.bind((HOST, port))
        listener.listen(100)
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"Port {port} cannot be had ({error.strerror}): stop the program that uses it, "
            "or choose another port with LOCAL_PORT."
        ) from error
    return listener


def _refuse_shared(port: int) -> None:
    """Some systems let SO_REUSEADDR bind beside a program that listens on every address."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if port and probe.connect_ex((HOST, port)) == 0:
            raise OSError(None, "another program answers there")
