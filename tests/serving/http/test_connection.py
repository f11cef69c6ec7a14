"""Connections: HTTP as it comes, and answers in its order."""

import pytest

from bundle import MAX_BODY_BYTES
from tests.contract.process import read_many, read_raw
from tests.serving.front import Front, ask, post, rest_of, until


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
