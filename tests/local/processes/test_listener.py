"""Free ports: different, without a listener, and not among those of outgoing connections."""

import socket
from unittest.mock import patch

import pytest

from local.errors import PortTakenError
from local.processes import listener
from local.processes.listener import free_port, free_ports, listen


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


@pytest.fixture
def _no_port_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "_given", set())


@pytest.mark.usefixtures("_no_port_was_given")
def test_two_callers_get_different_ports_although_neither_listens_yet() -> None:
    [one, other] = free_ports(2)
    listener._given.clear()
    with patch.object(listener, "secrets") as secrets:
        secrets.randbelow.side_effect = [one - 20_000, one - 20_000, other - 20_000]

        assert [free_port(), free_port()] == [one, other]


@pytest.mark.usefixtures("_no_port_was_given")
def test_ports_are_given_again_when_half_of_them_have_been() -> None:
    [port] = free_ports(1)
    listener._given.update(range(20_000, 27_000))
    with patch.object(listener, "secrets") as secrets:
        secrets.randbelow.return_value = port - 20_000

        assert free_port() == port


@pytest.mark.usefixtures("_no_port_was_given")
def test_a_port_with_a_listener_is_not_free() -> None:
    [taken, free] = free_ports(2)
    listener._given.clear()
    with socket.create_server(("127.0.0.1", taken)), patch.object(listener, "secrets") as secrets:
        secrets.randbelow.side_effect = [taken - 20_000, free - 20_000]

        assert free_ports(1) == [free]


def test_too_few_free_ports_are_an_error() -> None:
    [taken] = free_ports(1)
    with socket.create_server(("127.0.0.1", taken)), patch.object(listener, "secrets") as secrets:
        secrets.randbelow.return_value = taken - 20_000

        with pytest.raises(PortTakenError, match="Too few of the ports 20000 to 32767 are free"):
            free_ports(1)
