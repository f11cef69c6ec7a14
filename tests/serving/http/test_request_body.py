"""Bodies of requests: their lengths, chunks, transfer codings and trailers."""

import socket

import pytest

from bundle import MAX_BODY_BYTES
from tests.contract.support.process import read_many, read_raw
from tests.serving.http.front import Front, ask, post, rest_of, until

CHUNKS = b"\r\n\r\n1\r\na\r\n0\r\n\r\n"


def test_a_chunked_body_is_joined(front: Front) -> None:
    head = b"POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"

    (reply,) = ask(front, head + b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")

    assert reply.body == b"abc"


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


def test_a_length_with_many_leading_zeros_is_that_of_the_body(front: Front) -> None:
    # Content-Length is any number of digits: RFC 9110, section 8.6.
    data = post(b"ab").replace(b"content-length: 2", b"content-length: " + b"0" * 5_000 + b"2")

    assert ask(front, data)[0].body == b"ab"
