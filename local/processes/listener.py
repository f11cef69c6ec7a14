"""Listening sockets and free ports of the loopback address."""

import secrets
import socket
import threading
from contextlib import ExitStack, suppress

from local.errors import PortTakenError
from local.local_aws import LOOPBACK_ADDRESS

# Linux gives ports from 32768 to outgoing connections (net.ipv4.ip_local_port_range in
# https://docs.kernel.org/networking/ip-sysctl.html), other systems from 49152 (RFC 6335, section 6).
_FREE_PORTS = range(20_000, 32_768)
_MOST_PROBES = 1_000
_given: set[int] = set()
_giving = threading.Lock()


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
    """Returns a port of the loopback address without a listener, as `free_ports` does."""
    [port] = free_ports(1)
    return port


def free_ports(count: int) -> list[int]:
    """Returns different ports of the loopback address without a listener.

    They are below the ports that operating systems give to outgoing connections and to listeners of port 0:
    no such socket takes them before the caller does. A program that asks for one of them still can. Each port
    is returned once, until half of them have been: callers at the same time get different ones.

    Raises:
        PortTakenError: Too few ports are free.
    """
    with _giving, ExitStack() as probes:
        if len(_given) > len(_FREE_PORTS) // 2:
            _given.clear()
        ports: list[int] = []
        for _ in range(_MOST_PROBES):
            if len(ports) == count:
                _given.update(ports)
                return ports
            port = _FREE_PORTS.start + secrets.randbelow(len(_FREE_PORTS))
            if port in _given:
                continue
            probe = probes.enter_context(socket.socket())
            with suppress(OSError):
                probe.bind((LOOPBACK_ADDRESS, port))
                ports.append(port)
    first, last = _FREE_PORTS.start, _FREE_PORTS.stop - 1
    raise PortTakenError(f"Too few of the ports {first} to {last} are free: stop programs that use them.")


def _refuse_shared(port: int) -> None:
    """Raises OSError if a program already listens on the port, on any address.

    On some systems SO_REUSEADDR permits a second bind beside a listener on 0.0.0.0.
    """
    with socket.socket() as probe:
        probe.settimeout(1.0)
        if port and probe.connect_ex((LOOPBACK_ADDRESS, port)) == 0:
            raise OSError(None, "another program listens on it")
