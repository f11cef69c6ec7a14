"""Clients that wait, come slowly, do not read, or leave: nobody waits for ever."""

import socket
import struct

import pytest

from serving.http import connection
from tests.contract.process import read_raw
from tests.serving.front import Front, ask, post, rest_of, running, until

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def test_who_waits_for_100_continue_behind_another_request_gets_it_in_its_turn(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"first", path=b"/later"))
        client.sendall(b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\nexpect: 100-continue\r\n\r\n")
        until(lambda: front.waiting)
        front.release(0)
        data = b""
        while not data.endswith(CONTINUE):
            data += client.recv(1_000)
        client.sendall(b"b")

        assert b"first" in data
        assert read_raw(client).body == b"b"


def test_who_did_not_wait_for_100_continue_is_not_told_to_go_on_afterwards(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"first", path=b"/later") + post(b"second", b"expect: 100-continue"))
        until(lambda: front.waiting)
        front.release(0)
        client.sendall(post(b"third", b"connection: close"))

        assert CONTINUE not in rest_of(client)


def test_a_mistake_of_ours_is_not_told_as_the_clients(
    front: Front, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front.clients.routes, "find", lambda *_: 1 / 0)

    with front.connect() as client:
        client.sendall(post(b"a"))

        assert client.recv(1) == b""
    assert [record.exc_info is None for record in caplog.records] == [False]


def test_one_connection_too_many_is_503_and_leaves_room_again() -> None:
    with running(limit=2) as front, front.connect() as first, front.connect() as second:
        for client in (first, second):
            client.sendall(post(b"a"))
            assert read_raw(client).status == 200
        with front.connect() as third:
            refused = read_raw(third)
        second.close()
        until(lambda: len(front.clients) == 1)

        assert (refused.status, refused.headers["retry-after"]) == (503, "1")
        assert ask(front, post(b"a"))[0].status == 200


@pytest.mark.parametrize(
    ("limit", "data", "words"),
    [
        ("HEAD_SECONDS", b"POST /echo HTTP/1.1\r\nhost: ", "The headers took longer"),
        ("BODY_SECONDS", post(b"abc")[:-1], "The body took longer"),
    ],
)
def test_a_request_that_comes_too_slowly_is_408(
    front: Front, monkeypatch: pytest.MonkeyPatch, limit: str, data: bytes, words: str
) -> None:
    monkeypatch.setattr(connection, limit, 0.05)

    with front.connect() as client:
        client.sendall(data)
        reply = read_raw(client)

        assert (reply.status, reply.headers["connection"]) == (408, "close")
        assert words in reply.json["detail"]
        assert client.recv(1) == b""


def test_a_connection_that_nobody_uses_is_closed_without_a_word(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.05)

    with front.connect() as fresh, front.connect() as used:
        used.sendall(post(b"a"))
        read_raw(used)

        assert (fresh.recv(1), used.recv(1)) == (b"", b"")


def test_a_connection_is_not_idle_while_an_answer_is_waited_for(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.05)

    with front.connect() as client:
        client.sendall(post(b"a", path=b"/later"))
        until(lambda: front.waiting)
        # An idle one that comes later has gone by then.
        with front.connect() as idle:
            assert idle.recv(1) == b""
        front.release(0)

        assert read_raw(client).body == b"a"


def test_who_does_not_read_is_asked_no_more_and_cut_off_in_the_end(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WRITE_SECONDS", 0.2)

    with front.connect(buffer=4_096) as client:
        sent = send_until_refused(client, post(b"a" * 500_000))

    # Some megabytes are in the kernel's buffers; the server holds few of them.
    assert sent < 60
    until(lambda: not len(front.clients))


def send_until_refused(client: socket.socket, data: bytes) -> int:
    """How often `data` could be sent."""
    for times in range(1_000):
        try:
            client.sendall(data)
        except ConnectionError:
            return times
    raise AssertionError


def test_who_reads_slowly_gets_everything(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "WRITE_SECONDS", 1.0)
    body = b"a" * 1_000_000

    with front.connect(buffer=4_096) as client:
        client.sendall(post(body))
        data = b""
        while len(data) < len(body):
            data += client.recv(20_000)

    assert data.endswith(b"a" * 1_000)


def test_who_sends_no_more_is_closed_after_the_answer(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"a", path=b"/later"))
        client.shutdown(socket.SHUT_WR)
        until(lambda: front.waiting)
        front.release(0)

        assert rest_of(client).endswith(b"a")


def test_who_leaves_in_the_middle_of_a_request_is_forgotten(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"abc")[:-1])
        until(lambda: len(front.clients) == 1)

    until(lambda: not len(front.clients))


def test_whoever_leaves_before_the_answer_is_not_waited_for(front: Front) -> None:
    client = front.connect()
    client.sendall(post(b"a", path=b"/later"))
    until(lambda: front.waiting)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()

    until(lambda: front.waiting[0].gone)
    front.release(0)
    assert ask(front, post(b"b"))[0].body == b"b"
