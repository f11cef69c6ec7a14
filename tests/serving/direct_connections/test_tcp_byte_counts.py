"""Counts of a TCP connection: what any process has written and read since a moment."""

import socket
import sys
from collections.abc import Iterator

import pytest

from serving.direct_connections.tcp_byte_counts import TcpByteCounts
from tests.serving.direct_connections.handover_setup import connected

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """The ends of the client and of the server, which have talked before."""
    client, server = connected()
    with client, server:
        client.sendall(b"before")
        server.recv(3)
        server.sendall(b"answer")
        yield client, server


def test_bytes_are_counted_from_the_beginning_of_the_count(ends: Ends) -> None:
    client, server = ends
    counts = TcpByteCounts(server)
    client.sendall(b"request")
    unread = counts.read()
    server.recv(5)
    server.sendall(b"response")

    assert (unread, counts.read(), counts.written()) == (0, 5, 8)


def test_bytes_that_the_client_has_not_taken_are_written(ends: Ends) -> None:
    _, server = ends
    server.setblocking(False)
    counts, written = TcpByteCounts(server), 0
    try:
        while True:
            written += server.send(b"x" * 100_000)
    except BlockingIOError:
        pass

    assert counts.written() == written > 0


@pytest.mark.parametrize("read", [0, 4])
def test_the_end_of_the_clients_side_is_no_byte(ends: Ends, read: int) -> None:
    client, server = ends
    server.recv(3)
    counts = TcpByteCounts(server)
    client.sendall(b"last")
    client.shutdown(socket.SHUT_WR)
    while server.recv(10, socket.MSG_PEEK) != b"last":
        pass
    if read:
        server.recv(4)
        assert server.recv(1) == b""

    assert counts.read() == read


def test_other_sockets_and_systems_have_no_counts(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        counts = TcpByteCounts(theirs)
        of_pair = counts.read(), counts.written()
    counts = TcpByteCounts(ends[1])
    monkeypatch.setattr(sys, "platform", "darwin")

    assert of_pair == (None, None)
    assert (counts.read(), counts.written()) == (None, None)
