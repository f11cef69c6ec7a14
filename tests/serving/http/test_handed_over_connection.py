"""Connections that are handed over to another process: what the front leaves to it, and how it goes on."""

import os
import socket

import pytest

from serving.http.connection import IDLE_SECONDS, Connection
from serving.http.exchange import Exchange
from serving.http.response import JSON_HEAD, Response, ResponseRecord
from tests.contract.support.process import read_many, read_raw
from tests.serving.clock import FakeClock
from tests.serving.http.front import Front, post, rest_of, running, until


def hand_over(front: Front) -> int:
    """Hands over the only connection; returns its descriptor."""
    until(lambda: len(front.clients))
    shared = front.do(Connection.hand_over)
    assert shared is not None
    return shared.fileno()


def received(descriptor: int) -> bytes:
    """Receives, as the other process does."""
    with socket.socket(fileno=os.dup(descriptor)) as passed:
        return passed.recv(1_000)


def asked(front: Front) -> socket.socket:
    """Returns a connection that has had a response."""
    client = front.connect()
    client.sendall(post(b"first"))
    assert read_raw(client).body == b"first"
    return client


def test_the_front_does_not_read_a_direct_connection_and_answers_what_was_received_afterwards(
    front: Front,
) -> None:
    with asked(front) as client:
        descriptor = hand_over(front)
        client.sendall(post(b"second"))
        front.do(lambda _: None)
        data = received(descriptor)
        front.do(lambda connection: connection.take_back(received=data[:30]))
        front.do(lambda connection: connection.data_received(data[30:]))
        client.sendall(post(b"third"))

        assert data == post(b"second")
        assert [reply.body for reply in read_many(client, 2)] == [b"second", b"third"]


def test_what_arrived_meanwhile_is_read_when_the_connection_is_back(front: Front) -> None:
    with asked(front) as client:
        hand_over(front)
        client.sendall(post(b"second"))
        front.do(lambda connection: connection.take_back())

        assert read_raw(client).body == b"second"


def test_the_unsent_part_of_a_response_goes_ahead_of_the_next_response(front: Front) -> None:
    with asked(front) as client:
        hand_over(front)
        client.sendall(post(b"second", b"connection: close"))
        front.do(lambda connection: connection.take_back(unsent=b"rest"))

        data = rest_of(client)

    assert data.startswith(b"restHTTP/1.1 200 OK")
    assert data.endswith(b"second")


def test_a_connection_whose_response_may_be_incomplete_is_closed_and_logged(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    with asked(front) as client:
        hand_over(front)
        front.do(lambda connection: connection.take_back(is_broken=True))

        assert client.recv(1) == b""
    assert "connection closed" in caplog.messages


def test_an_error_of_the_program_about_received_bytes_ends_their_connection_only(
    front: Front, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(front.clients, "find_route", lambda *_: 1 / 0)
    with front.connect() as client:
        hand_over(front)
        # The caller takes back the other connections of a worker that was lost, too.
        front.do(lambda connection: connection.take_back(received=post(b"a")))

        assert client.recv(1) == b""
    assert caplog.messages == ["request not read"]


def test_a_request_that_the_other_process_received_is_answered_before_the_next(front: Front) -> None:
    def take_back(connection: Connection) -> Exchange:
        pending = Exchange(connection.reply)
        connection.take_back(pending=pending)
        return pending

    with asked(front) as client:
        hand_over(front)
        pending = front.do(take_back)
        client.sendall(post(b"third", path=b"/later"))
        until(lambda: front.waiting)
        front.release(0)
        front.do(lambda _: pending.respond(Response(200, JSON_HEAD, b"second")))

        assert [reply.body for reply in read_many(client, 2)] == [b"second", b"third"]


@pytest.mark.parametrize(
    "sent",
    [post(b"", path=b"/later"), post(b"second")[:20], post(b"second")[:-1]],
    ids=["a request under way", "part of a head", "part of a body"],
)
def test_a_connection_in_use_is_not_handed_over(front: Front, sent: bytes) -> None:
    with asked(front) as client:
        client.sendall(sent)
        until(lambda: front.waiting or front.phases() != ["REQUEST"])

        assert front.do(Connection.hand_over) is None
        if front.waiting:
            front.release(0)
            assert read_raw(client).status == 200


def test_a_request_with_another_head_begins_the_count_of_repeated_ones_again(front: Front) -> None:
    def count(connection: Connection) -> int:
        connection.repeated += 1
        return connection.repeated

    with asked(front) as client:
        counts = []
        # Content-Length is a part of the head here: the second request has the head of the first.
        for body in (b"first", b"other", b"another one"):
            client.sendall(post(body))
            read_raw(client)
            counts.append(front.do(count))

        assert counts == [1, 2, 1]


def test_a_direct_connection_is_not_handed_over_again(front: Front) -> None:
    with asked(front):
        hand_over(front)

        assert front.do(Connection.hand_over) is None
        front.do(lambda connection: connection.take_back())


def test_a_direct_connection_is_not_closed_as_idle_and_has_the_whole_time_afterwards() -> None:
    clock = FakeClock()
    with running(clock=clock) as front, asked(front) as client:
        hand_over(front)
        clock.now += 10 * IDLE_SECONDS
        front.do(lambda _: front.clients.sweep())
        front.do(lambda _: front.clients.finish())
        front.do(lambda connection: connection.take_back())
        # A server that stops closes only connections that were quiet for a second.
        front.do(lambda _: front.clients.finish())
        clock.now += IDLE_SECONDS - 1
        front.do(lambda _: front.clients.sweep())
        client.sendall(post(b"second"))
        answer = read_raw(client)
        clock.now += IDLE_SECONDS + 1

        assert answer.body == b"second"
        assert client.recv(1) == b""


def test_a_response_of_the_other_process_is_counted(front: Front) -> None:
    with asked(front):
        hand_over(front)
        front.do(lambda connection: connection.record("echo", ResponseRecord(200, 0.5, 1, 2, 3, {"kind": 4})))

        counts = front.do(lambda _: front.access_log._metrics.counts())
        front.do(lambda connection: connection.take_back())

    assert counts.responses == {("echo", 200): 2}
    assert counts.warnings == {"kind": 4}
