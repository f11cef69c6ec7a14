"""Free ports: different, without a listener, and not among those of outgoing connections."""

import socket
from unittest.mock import patch

import pytest

from local.errors import PortTakenError
from local.processes import listener
from local.processes.listener import free_ports, listen


def test_free_ports_are_different_and_can_be_listened_on() -> None:
    ports = free_ports(8)

    listeners = [listen(port) for port in ports]
    try:
        assert len({one.getsockname()[1] for one in listeners}) == 8
    finally:
        for one in listeners:
            one.close()


def test_no_free_port_is_one_that_a_connection_or_a_listener_of_port_0_gets() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        given = {server.getsockname()[1], client.getsockname()[1]}

    assert max(free_ports(8)) < min(given)


def test_a_port_with_a_listener_is_not_free() -> None:
    [taken, free] = free_ports(2)
    with socket.create_server(("127.0.0.1", taken)), patch.object(listener, "secrets") as secrets:
        secrets.randbelow.side_effect = [taken - 20_000, free - 20_000]

        assert free_ports(1) == [free]


def test_too_few_free_ports_are_an_error() -> None:
    [taken] = free_ports(1)
    with socket.create_server(("127.0.0.1", taken)), patch.object(listener, "secrets") as secrets:
        secrets.randbelow.return_value = taken - 20_000

        with pytest.raises(PortTakenError, match="Too few of the ports 20000 to 32767 are free"):
            free_ports(1)
