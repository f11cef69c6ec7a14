"""Pipelined requests: those that have arrived are answered, also while the server stops."""

import socket

import pytest

from serving.http.connection import MAX_PIPELINED
from serving.http.response import Response
from tests.contract.support.process import read_many
from tests.serving.http.front import Front, ask, post, rest_of, until

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
BODY = b"the body"


def later(number: int) -> bytes:
    return post(b"%d" % number, path=b"/later")


def read_until(client: socket.socket, end: bytes) -> bytes:
    data = b""
    while not data.endswith(end):
        data += client.recv(65_536)
    return data


def test_a_body_behind_as_many_requests_as_may_wait_is_read_after_100_continue(front: Front) -> None:
    head = post(BODY, b"expect: 100-continue").removesuffix(BODY)
    with front.connect() as client:
        # Given a server that has stopped to read, because so many requests wait
        client.sendall(b"".join(map(later, range(MAX_PIPELINED))) + head)
        until(lambda: len(front.waiting) == MAX_PIPELINED)

        # When they are answered, and the client sends its body after that
        for number in range(MAX_PIPELINED):
            front.release(number)
        read_until(client, CONTINUE)
        client.sendall(BODY)

        # Then it is read
        assert read_many(client, 1)[0].body == BODY


def test_a_server_that_stops_answers_every_request_that_has_arrived(front: Front) -> None:
    with front.connect() as client:
        # The second is refused, so that the end of the connection is one in two steps.
        client.sendall(later(1) + post(b"2", path=b"/nowhere") + later(3))
        until(lambda: len(front.waiting) == 2)

        front.clients.stopping = True
        front.release(0)
        front.release(1)

        replies = read_many(client, 3)
        assert [reply.status for reply in replies] == [200, 404, 200]
        assert (replies[2].body, replies[2].headers["connection"]) == (b"3", "close")
        assert client.recv(1) == b""


def test_a_request_that_arrives_after_the_first_response_of_a_server_that_stops_is_not_read(
    front: Front,
) -> None:
    with front.connect() as client:
        client.sendall(later(1) + later(2))
        until(lambda: len(front.waiting) == 2)

        front.clients.stopping = True
        front.release(0)
        (first,) = read_many(client, 1)
        client.sendall(later(3))
        front.do(lambda _: None)
        front.release(1)
        rest = rest_of(client)

    assert "connection" not in first.headers
    assert b"connection: close" in rest
    assert (rest.count(b"HTTP/1.1"), len(front.waiting)) == (1, 2)


def test_a_request_behind_a_response_that_closes_the_connection_is_not_read(front: Front) -> None:
    with front.connect() as client:
        # Given two requests that wait, and a part of a third one
        client.sendall(later(1) + later(2) + later(3)[:20])
        until(lambda: len(front.waiting) == 2 and front.phases() == ["HEAD"])

        # When a server that stops has the response to the second one, which says that it is the last
        front.clients.stopping = True
        front.release(1)
        front.do(lambda _: None)
        client.sendall(later(3)[20:])
        front.do(lambda _: None)
        front.release(0)

        # Then it answers no other
        replies = read_many(client, 2)
        assert [reply.body for reply in replies] == [b"1", b"2"]
        assert replies[1].headers["connection"] == "close"
        assert client.recv(1) == b""
    assert len(front.waiting) == 2


def test_an_error_while_a_response_is_written_ends_its_connection_only(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    with front.connect() as client:
        client.sendall(later(1))
        until(lambda: front.waiting)

        # No such status exists. The caller goes on with the responses of others.
        front.do(lambda _: front.waiting[0].respond(Response(299, b"", b"")))

        assert client.recv(1) == b""
    assert "response not sent" in caplog.messages
    assert ask(front, post(b"next"))[0].body == b"next"
