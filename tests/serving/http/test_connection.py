"""Connections: requests in any number of pieces, responses in order, and how long a connection is kept."""

import pytest

from tests.contract.support.process import read_many
from tests.serving.http.front import Front, ask, post, rest_of, until


def test_a_request_is_read_alike_in_one_piece_and_byte_by_byte(front: Front) -> None:
    data = post(b"abc", b"accept: a", b"accept: b")

    with front.connect() as client:
        for place in range(len(data)):
            client.sendall(data[place : place + 1])
        (slow,) = read_many(client, 1)

    assert (slow.status, slow.body) == (200, b"abc")
    assert ask(front, data)[0].body == b"abc"


def test_responses_keep_the_order_of_the_requests_whichever_is_ready_first(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"first", path=b"/later") + post(b"second") + post(b"third", path=b"/later"))
        until(lambda: len(front.waiting) == 2)
        front.release(1)
        front.release(0)

        assert [reply.body for reply in read_many(client, 3)] == [b"first", b"second", b"third"]


def test_more_pipelined_requests_than_the_limit_are_all_answered(front: Front) -> None:
    bodies = [b"%d" % number for number in range(500)]

    replies = ask(front, b"".join(map(post, bodies)), len(bodies))

    assert [reply.body for reply in replies] == bodies


def test_head_is_answered_with_the_headers_of_get_and_no_body(front: Front) -> None:
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
def test_a_connection_is_kept_as_the_version_and_the_connection_header_say(
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


def test_an_upgrade_to_another_protocol_is_ignored(front: Front) -> None:
    upgrade = post(b"a", b"connection: upgrade, http2-settings", b"upgrade: h2c", b"http2-settings: x")

    assert [reply.body for reply in ask(front, upgrade + post(b"b"), 2)] == [b"a", b"b"]
