"""Requests that are refused, and whether their connection stays open."""

import pytest

from tests.contract.support.process import read_many
from tests.serving.http.front import Front, ask, post, until


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
def test_bytes_that_are_not_a_request_are_refused_and_the_connection_is_closed(
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
        (b"GET /echo HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n", 400),
        (b"GET http://x/echo HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nhost: x y\r\n\r\n", 400),
        (b"GET http://x/echo HTTP/1.1\r\n\r\n", 400),
        (b"GET http:///echo HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"GET http://:80/echo HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"GET http://user@x/echo HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"GET ftp://x/echo HTTP/1.1\r\nhost: x\r\n\r\n", 404),
        (b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", 404),
        (b"PUT /echo HTTP/1.1\r\nhost: x\r\n\r\n", 405),
        (b"GET /nowhere HTTP/1.1\r\nhost: x\r\n\r\n", 404),
    ],
    ids=[
        "no host",
        "header",
        "target",
        "two hosts",
        "two hosts of a URL",
        "host with a space",
        "URL without Host",
        "URL without host",
        "URL with port only",
        "URL with user",
        "URL with other scheme",
        "asterisk",
        "method",
        "path",
    ],
)
def test_a_refused_request_leaves_the_connection_open_for_the_next(
    front: Front, data: bytes, status: int
) -> None:
    assert [reply.status for reply in ask(front, data + post(b"a"), 2)] == [status, 200]


def test_a_request_before_malformed_bytes_is_answered_first(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"first", path=b"/later") + b"nonsense\r\n\r\n")
        until(lambda: front.waiting)
        front.release(0)

        assert [reply.status for reply in read_many(client, 2)] == [200, 400]
