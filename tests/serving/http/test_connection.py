"""Connections: requests in any number of pieces, responses in order, and requests that are refused."""

import socket

import pytest

from bundle import MAX_BODY_BYTES
from tests.contract.support.process import read_many, read_raw
from tests.serving.http.front import Front, ask, post, rest_of, until


def test_a_request_is_read_alike_in_one_piece_and_byte_by_byte(front: Front) -> None:
    data = post(b"abc", b"accept: a", b"accept: b")

    with front.connect() as client:
        for place in range(len(data)):
            client.sendall(data[place : place + 1])
        (slow,) = read_many(client, 1)

    assert (slow.status, slow.body) == (200, b"abc")
    assert ask(front, data)[0].body == b"abc"


def test_a_chunked_body_is_joined(front: Front) -> None:
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"

    (reply,) = ask(front, head + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")

    assert reply.body == b"abc"


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


def test_connect_is_refused_and_the_connection_is_closed(front: Front) -> None:
    with front.connect() as client:
        client.sendall(b"CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n")
        reply = read_raw(client)

        assert (reply.status, reply.headers["connection"]) == (404, "close")
        assert client.recv(1) == b""


def test_a_request_before_malformed_bytes_is_answered_first(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"first", path=b"/later") + b"nonsense\r\n\r\n")
        until(lambda: front.waiting)
        front.release(0)

        assert [reply.status for reply in read_many(client, 2)] == [200, 400]


def test_a_large_body_to_an_unknown_path_is_refused_and_the_connection_stays_open(front: Front) -> None:
    replies = ask(front, post(b"a" * 500_000, path=b"/nowhere") + post(b"b"), 2)

    assert [reply.status for reply in replies] == [404, 200]


def test_a_chunked_body_over_the_limit_is_refused_before_its_end(front: Front) -> None:
    with front.connect() as client:
        client.sendall(b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        client.sendall(b"%x\r\n%b\r\n" % (MAX_BODY_BYTES + 1, b"a" * (MAX_BODY_BYTES + 1)))
        (reply,) = read_many(client, 1)
        client.sendall(b"0\r\n\r\n" + post(b"b"))
        (after,) = read_many(client, 1)

    assert (reply.status, after.body) == (413, b"b")


@pytest.mark.parametrize(
    "target", [b"http://other.example/echo", b"HTTPS://[::1]:8443/echo?a=/b", b"http://%6fther:80/echo"]
)
def test_a_target_in_absolute_form_is_routed_by_its_path(front: Front, target: bytes) -> None:
    assert [reply.body for reply in ask(front, post(b"a", path=target) + post(b"b"), 2)] == [b"a", b"b"]


def test_the_authority_of_an_absolute_form_replaces_host_and_its_query_is_kept(front: Front) -> None:
    with front.connect() as client:
        client.sendall(post(b"a", path=b"http://other:8080/later?x=http://y/"))
        until(lambda: front.waiting)
        exchange = front.waiting[0]
        front.release(0)

        assert read_raw(client).body == b"a"
    assert (exchange.path, exchange.query) == (b"/later", b"x=http://y/")
    assert exchange.headers[b"host"] == b"other:8080"


@pytest.mark.parametrize("host", [b"", b"a.example", b"a_b:8080", b"127.0.0.1:", b"[::1]:80", b"[v1.a:b]"])
def test_a_host_with_an_optional_port_is_accepted(front: Front, host: bytes) -> None:
    (reply,) = ask(front, b"GET /echo HTTP/1.1\r\nhost: %b\r\n\r\n" % host)

    assert reply.status == 200


@pytest.mark.parametrize("host", [b"a, a", b"a/b", b"a:b", b"user@a", b"[::1", b"a b", b"%zz", b"\xe9"])
def test_a_host_that_is_not_one_is_400_on_every_request(front: Front, host: bytes) -> None:
    wrong = b"GET /echo HTTP/1.1\r\nhost: %b\r\n\r\n" % host

    assert [reply.status for reply in ask(front, post(b"a") + wrong + wrong, 3)] == [200, 400, 400]


CHUNKS = b"\r\n\r\n1\r\na\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "coding",
    [
        b"transfer-encoding: gzip, chunked",
        b"Transfer-Encoding: GZIP,Chunked",
        b"transfer-encoding: gzip\r\ntransfer-encoding: chunked",
        b"transfer-encoding: identity, chunked",
        b"transfer-encoding: gzip;q=1, chunked",
    ],
)
def test_a_transfer_coding_beside_chunked_is_501_and_the_next_request_is_answered(
    front: Front, coding: bytes
) -> None:
    coded = b"POST /echo HTTP/1.1\r\nhost: x\r\n" + coding + CHUNKS

    assert [reply.status for reply in ask(front, coded + post(b"b"), 2)] == [501, 200]


@pytest.mark.parametrize("path", [b"/echo", b"/nowhere"])
@pytest.mark.parametrize(
    "lines",
    [
        b"transfer-encoding: gzip",
        b"transfer-encoding: identity",
        b"transfer-encoding: chunked, gzip",
        b"transfer-encoding: chunked, chunked",
        b"transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        b"transfer-encoding: chunked;q=1",
        b"transfer-encoding: xchunked",
        b"transfer-encoding: gzip, chunked\r\ncontent-length: 1",
        b"content-length: 1\r\ntransfer-encoding: chunked",
        b"content-length: 1\r\ncontent-length: 1",
        b"content-length: 1, 1",
        b"content-length: +1",
    ],
)
def test_a_body_of_unknown_length_is_400_once_and_the_connection_is_closed(
    front: Front, path: bytes, lines: bytes
) -> None:
    with front.connect() as client:
        client.sendall(b"POST %b HTTP/1.1\r\nhost: x\r\n" % path + lines + CHUNKS)
        client.shutdown(socket.SHUT_WR)
        data = rest_of(client)

    assert data.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nconnection: close\r\n" in data
    assert data.count(b"HTTP/1.1 ") == 1


def test_chunked_in_capital_letters_is_chunked(front: Front) -> None:
    (reply,) = ask(front, b"POST /echo HTTP/1.1\r\nhost: x\r\nTRANSFER-ENCODING: CHUNKED" + CHUNKS)

    assert reply.body == b"a"


def test_http_1_0_with_a_transfer_encoding_is_answered_and_closed(front: Front) -> None:
    head = b"POST /echo HTTP/1.0\r\nconnection: keep-alive\r\ntransfer-encoding: chunked"
    with front.connect() as client:
        client.sendall(head + CHUNKS)
        reply = read_raw(client)

        assert (reply.body, reply.headers["connection"]) == (b"a", "close")
        assert client.recv(1) == b""


def test_trailers_are_not_headers(front: Front) -> None:
    with front.connect() as client:
        client.sendall(
            b"POST /later HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
            b"1\r\na\r\n0\r\ncontent-type: text/csv\r\nhost: y\r\n\r\n"
        )
        until(lambda: front.waiting)
        headers = front.waiting[0].headers
        front.release(0)

        assert read_raw(client).body == b"a"
    assert headers == {b"host": b"x", b"transfer-encoding": b"chunked"}
