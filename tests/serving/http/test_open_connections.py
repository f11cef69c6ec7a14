"""Clients that wait, send slowly, do not read, or leave: limits and timeouts of connections."""

import select
import socket
import struct
from collections.abc import Iterator

import pytest

from serving.http import connection
from tests.contract.support.process import read_raw
from tests.serving.clock import FakeClock
from tests.serving.http.front import Front, ask, post, rest_of, running, until

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def timed(clock: FakeClock) -> Iterator[Front]:
    """A front whose time stands still until the test moves the clock."""
    with running(clock=clock) as front:
        yield front


def test_100_continue_is_sent_after_the_response_to_the_request_before(front: Front) -> None:
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


def test_100_continue_is_not_sent_after_the_body_has_arrived(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"first", path=b"/later") + post(b"second", b"expect: 100-continue"))
        until(lambda: front.waiting)
        front.release(0)
        client.sendall(post(b"third", b"connection: close"))

        assert CONTINUE not in rest_of(client)


def test_an_error_of_the_program_is_logged_and_not_sent_as_a_mistake_of_the_client(
    front: Front, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front.clients, "find_route", lambda *_: 1 / 0)

    with front.connect() as client:
        client.sendall(post(b"a"))

        assert client.recv(1) == b""
    assert [record.exc_info is None for record in caplog.records] == [False]


def test_a_connection_over_the_limit_is_503_and_a_closed_one_makes_room() -> None:
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
    ("phase", "seconds", "data", "words"),
    [
        ("HEAD", connection.HEAD_SECONDS, b"POST /echo HTTP/1.1\r\nhost: ", "The headers took longer"),
        ("BODY", connection.BODY_SECONDS, post(b"abc")[:-1], "The body took longer"),
    ],
)
def test_a_request_that_is_sent_too_slowly_is_408(
    timed: Front, clock: FakeClock, phase: str, seconds: float, data: bytes, words: str
) -> None:
    with timed.connect() as client:
        client.sendall(data)
        until(lambda: timed.phases() == [phase])
        clock.now += seconds + 1
        reply = read_raw(client)

        assert (reply.status, reply.headers["connection"]) == (408, "close")
        assert words in reply.json["detail"]
        assert client.recv(1) == b""


def test_a_request_within_the_timeouts_of_its_head_and_its_body_is_answered(
    timed: Front, clock: FakeClock
) -> None:
    head, body = post(b"abc")[:-3], b"abc"

    with timed.connect() as client:
        client.sendall(head[:10])
        until(lambda: timed.phases() == ["HEAD"])
        clock.now += connection.HEAD_SECONDS
        client.sendall(head[10:])
        until(lambda: timed.phases() == ["BODY"])
        clock.now += connection.BODY_SECONDS
        client.sendall(body)

        assert read_raw(client).body == body


def test_an_idle_connection_is_closed_without_a_response(timed: Front, clock: FakeClock) -> None:
    with timed.connect() as unused, timed.connect() as used:
        used.sendall(post(b"a"))
        read_raw(used)
        until(lambda: timed.phases() == ["REQUEST", "REQUEST"])
        clock.now += connection.IDLE_SECONDS + 1

        assert (unused.recv(1), used.recv(1)) == (b"", b"")


def test_a_connection_with_a_pending_response_is_not_idle(timed: Front, clock: FakeClock) -> None:
    with timed.connect() as client, timed.connect() as idle:
        client.sendall(post(b"a", path=b"/later"))
        until(lambda: timed.waiting and len(timed.clients) == 2)
        clock.now += connection.IDLE_SECONDS + 1
        assert idle.recv(1) == b""
        timed.release(0)

        assert read_raw(client).body == b"a"


def test_a_client_that_does_not_read_its_responses_is_not_read_and_is_disconnected(
    timed: Front, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    with timed.connect(buffer=4_096) as client:
        sent = send_until_blocked(client, post(b"a" * 500_000), timed)
        clock.now += connection.WRITE_SECONDS + 1
        until(lambda: not len(timed.clients))

    assert "response not read" in caplog.messages
    # The kernel buffers some megabytes, and the server a few.
    assert sent < 60


def send_until_blocked(client: socket.socket, data: bytes, front: Front) -> int:
    """Sends `data` repeatedly until the server stops reading; returns the number of times."""
    client.setblocking(False)
    for times in range(1_000):
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[client.send(rest) :]
            except BlockingIOError:
                if front.is_paused():
                    return times
                select.select([], [client], [], 0.01)
    raise AssertionError


def test_a_client_that_reads_slowly_gets_the_whole_response(timed: Front, clock: FakeClock) -> None:
    body = b"a" * 1_000_000

    with timed.connect(buffer=4_096) as client:
        client.sendall(post(body))
        data = b""
        while len(data) < len(body):
            data += client.recv(20_000)
            clock.now += connection.WRITE_SECONDS / 100

    assert data.endswith(b"a" * 1_000)


def test_a_client_that_sends_no_more_gets_its_response_and_is_closed(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"a", path=b"/later"))
        client.shutdown(socket.SHUT_WR)
        until(lambda: front.waiting)
        front.release(0)

        assert rest_of(client).endswith(b"a")


def test_a_connection_closed_in_the_middle_of_a_request_is_removed(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"abc")[:-1])
        until(lambda: len(front.clients) == 1)

    until(lambda: not len(front.clients))


def test_the_response_to_a_client_that_left_is_discarded(front: Front) -> None:
    client = front.connect()
    client.sendall(post(b"a", path=b"/later"))
    until(lambda: front.waiting)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()

    until(lambda: front.waiting[0].gone)
    front.release(0)
    assert ask(front, post(b"b"))[0].body == b"b"
