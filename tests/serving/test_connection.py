"""Connections: HTTP as it comes, answers in order, and nobody who waits for ever."""

import socket
import struct
import time
from collections.abc import Callable, Iterator

import pytest

from bundle import MAX_BODY_BYTES
from serving import connection
from tests.contract.process import Reply, read_many, read_raw
from tests.serving.front import TIMEOUT_SECONDS, Front, running

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def front() -> Iterator[Front]:
    with running() as front:
        yield front


def post(body: bytes, *headers: bytes, path: bytes = b"/echo") -> bytes:
    lines = [b"POST %b HTTP/1.1" % path, b"host: x", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def ask(front: Front, data: bytes, count: int = 1) -> list[Reply]:
    with front.connect() as client:
        client.sendall(data)
        return read_many(client, count)


def rest_of(client: socket.socket) -> bytes:
    """Everything until the server closes."""
    data = b""
    while chunk := client.recv(65_536):
        data += chunk
    return data


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_request_is_the_same_in_one_piece_and_byte_by_byte(front: Front) -> None:
    data = post(b"abc", b"accept: a", b"accept: b")

    with front.connect() as client:
        for place in range(len(data)):
            client.sendall(data[place : place + 1])
        (slow,) = read_many(client, 1)

    assert (slow.status, slow.body) == (200, b"abc")
    assert ask(front, data)[0].body == b"abc"


def test_a_body_in_chunks_is_put_together(front: Front) -> None:
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"

    (reply,) = ask(front, head + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")

    assert reply.body == b"abc"


def test_answers_keep_the_order_of_their_requests_however_soon_they_are_there(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"first", path=b"/later") + post(b"second") + post(b"third", path=b"/later"))
        until(lambda: len(front.waiting) == 2)
        front.release(1)
        front.release(0)

        assert [reply.body for reply in read_many(client, 3)] == [b"first", b"second", b"third"]


def test_more_requests_than_are_taken_at_once_are_all_answered(front: Front) -> None:
    bodies = [b"%d" % number for number in range(500)]

    replies = ask(front, b"".join(map(post, bodies)), len(bodies))

    assert [reply.body for reply in replies] == bodies


def test_head_gets_the_headers_of_get_and_no_body(front: Front) -> None:
    with front.connect() as client:
        client.sendall(b"HEAD /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        data = rest_of(client)

    assert data.startswith(b"HTTP/1.1 200 OK\r\n")
    assert data.endswith(b"content-length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("version", "header", "found"),
    [
        (b"1.1", b"", None),
        (b"1.1", b"connection: close\r\n", "close"),
        (b"1.0", b"", "close"),
        (b"1.0", b"connection: keep-alive\r\n", "keep-alive"),
    ],
)
def test_a_connection_is_kept_as_its_version_and_its_headers_say(
    front: Front, version: bytes, header: bytes, found: str | None
) -> None:
    data = b"POST /echo HTTP/%b\r\nhost: x\r\n%bcontent-length: 0\r\n\r\n" % (version, header)
    with front.connect() as client:
        client.sendall(data)
        (reply,) = read_many(client, 1)
        if found != "close":
            client.sendall(data)
            (reply,) = read_many(client, 1)
        else:
            assert client.recv(1) == b""

    assert (reply.status, reply.headers.get("connection")) == (200, found)


def test_an_offer_of_another_protocol_is_not_taken_up(front: Front) -> None:
    upgrade = post(b"a", b"connection: upgrade, http2-settings", b"upgrade: h2c", b"http2-settings: x")

    assert [reply.body for reply in ask(front, upgrade + post(b"b"), 2)] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"NOT HTTP\r\n\r\n", 400),
        (b"GET /echo HTTP/9.9\r\nhost: x\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400),
        (b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nz\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nhost: x\r\na: " + b"a" * 400_000, 431),
    ],
    ids=["words", "version", "length", "two lengths", "chunk", "endless"],
)
def test_what_is_no_request_is_refused_and_ends_the_connection(
    front: Front, data: bytes, status: int
) -> None:
    with front.connect() as client:
        client.sendall(data)
        (reply,) = read_many(client, 1)

        assert (reply.status, reply.headers["connection"]) == (status, "close")
        assert reply.headers["content-type"] == "application/problem+json"
        assert client.recv(1) == b""


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET /echo HTTP/1.1\r\n\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nhost: x\r\na: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", 431),
        (b"PUT /echo HTTP/1.1\r\nhost: x\r\n\r\n", 405),
        (b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n", 404),
    ],
    ids=["no host", "header", "target", "method", "path"],
)
def test_a_request_that_is_none_of_ours_is_refused_and_the_next_is_answered(
    front: Front, data: bytes, status: int
) -> None:
    assert [reply.status for reply in ask(front, data + post(b"a"), 2)] == [status, 200]


def test_a_tunnel_is_refused_and_ends_the_connection(front: Front) -> None:
    with front.connect() as client:
        client.sendall(b"CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")
        reply = read_raw(client)

        assert (reply.status, reply.headers["connection"]) == (404, "close")
        assert client.recv(1) == b""


def test_what_came_before_nonsense_is_answered_first(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"first", path=b"/later") + b"nonsense\r\n\r\n")
        until(lambda: front.waiting)
        front.release(0)

        assert [reply.status for reply in read_many(client, 2)] == [200, 400]


def test_a_large_body_to_a_wrong_path_is_refused_and_the_connection_goes_on(front: Front) -> None:
    replies = ask(front, post(b"a" * 500_000, path=b"/nowhere") + post(b"b"), 2)

    assert [reply.status for reply in replies] == [404, 200]


def test_a_body_that_grows_too_large_is_refused_before_it_ends(front: Front) -> None:
    with front.connect() as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        client.sendall(b"%x\r\n%b\r\n" % (MAX_BODY_BYTES + 1, b"a" * (MAX_BODY_BYTES + 1)))
        (reply,) = read_many(client, 1)
        client.sendall(b"0\r\n\r\n" + post(b"b"))
        (after,) = read_many(client, 1)

    assert (reply.status, after.body) == (413, b"b")


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
