"""Returned connections: what a worker does not answer, send or keep goes back to the front."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from serving.direct_connections import direct_connections
from serving.direct_connections.direct_connections import SLOW_BATCHES
from serving.direct_connections.handover_messages import HandOver, send_handover
from serving.direct_connections.memory import handover_slot
from serving.direct_connections.memory.handover_slot import MAX_DIRECT_BYTES
from serving.direct_connections.memory.response_records import MAX_RECORDS
from serving.http.exchange import render
from serving.http.response import Response, ResponseRecord
from serving.predict.request import InferenceRequest
from tests.serving.direct_connections.direct_setup import (
    HANG_SECONDS,
    HEAD,
    date_of,
    echo,
    handed_over,
    request,
)


@pytest.mark.parametrize(
    "data",
    [
        b"GET /ping HTTP/1.1\r\nhost: x\r\n\r\n",
        request(b"123")[:-1],
        request(b"123")[:20],
        request(b"1") + request(b"2"),
    ],
    ids=["another head", "part of a body", "part of a head", "two"],
)
def test_anything_but_one_whole_request_is_returned_unanswered_and_other_clients_are_answered(
    data: bytes,
) -> None:
    with handed_over(clients=2) as setup:
        setup.client.sendall(data)
        setup.begin()

        assert setup.until_returned() == handover_slot.RECEIVED
        assert setup.memory.slots[0].request() == data
        assert (setup.batches, [*setup.memory.records.read()]) == ([], [])
        assert setup.ask(b"b", 1).endswith(b"b")


def test_the_first_part_of_a_large_request_is_returned_and_the_rest_stays_in_the_connection() -> None:
    data = request(b"x" * 2 * MAX_DIRECT_BYTES)
    with handed_over() as setup:
        setup.client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_DIRECT_BYTES)
        setup.client.sendall(data)
        setup.begin()

        assert setup.until_returned() == handover_slot.RECEIVED
        received = setup.memory.slots[0].request()
        assert received + setup.lent[0].recv(4 * MAX_DIRECT_BYTES) == data


def test_a_closed_connection_is_returned_without_a_request() -> None:
    with handed_over() as setup:
        setup.begin()
        setup.client.shutdown(socket.SHUT_WR)

        assert setup.until_returned() == handover_slot.RECEIVED
        assert setup.memory.slots[0].request() == b""


def test_all_connections_are_returned_before_a_command_that_takes_long() -> None:
    with handed_over(clients=2) as setup:
        setup.begin()
        setup.ask(b"a", 1)
        setup.command()
        setup.worker.return_all()

        assert {setup.returned(), setup.returned()} == {0, 1}
        assert [slot.stage for slot in setup.memory.slots[:2]] == [handover_slot.WAITING] * 2
        setup.resume()


def test_clients_of_slow_requests_are_returned_with_their_responses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_connections, "SLOW_SECONDS", -1)
    with handed_over() as setup:
        setup.begin()
        answers = [setup.ask(b"%d" % number) for number in range(SLOW_BATCHES)]

        assert setup.until_returned() == handover_slot.WAITING
        assert [answer[-1:] for answer in answers] == [b"%d" % number for number in range(SLOW_BATCHES)]


def test_quick_requests_between_slow_ones_keep_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    with handed_over() as setup:
        setup.begin()
        for number in range(3 * SLOW_BATCHES):
            seconds = HANG_SECONDS if number % SLOW_BATCHES == 0 else -1
            monkeypatch.setattr(direct_connections, "SLOW_SECONDS", seconds)
            setup.ask(b"a")

        setup.recall()
        assert setup.until_returned() == handover_slot.WAITING
        assert len(setup.batches) == 3 * SLOW_BATCHES


def test_a_failure_is_recorded_logged_and_left_to_the_front(caplog: pytest.LogCaptureFixture) -> None:
    failed = Response(500, b"", b"failed")
    with handed_over(lambda _: failed) as setup:
        setup.client.sendall(request(b"a"))
        setup.begin()

        assert setup.until_returned() == handover_slot.UNSENT
        content = setup.memory.slots[0].unsent()
        assert content.startswith(b"HTTP/1.1 500 ")
        assert content.endswith(b"failed")
        assert [record.status for _, record in setup.memory.records.read()] == [500]
        assert [record.__dict__["fields"]["status"] for record in caplog.records] == [500]


def test_the_part_of_a_response_that_the_client_does_not_read_yet_is_left_to_the_front() -> None:
    answer = Response(200, b"", b"y" * 20_000, 1)
    with handed_over(lambda _: answer) as setup:
        setup.lent[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        setup.client.sendall(request(b"a"))
        setup.begin()

        assert setup.until_returned() == handover_slot.UNSENT
        sent = setup.client.recv(MAX_DIRECT_BYTES, socket.MSG_DONTWAIT)
        assert sent + setup.memory.slots[0].unsent() == render(answer, date_of(sent))
        assert 0 < len(sent) < 20_000


def test_a_response_that_cannot_be_sent_at_all_is_left_to_the_front() -> None:
    with handed_over() as setup:
        setup.client.sendall(request(b"a"))
        setup.fill()
        setup.begin()

        assert setup.until_returned() == handover_slot.UNSENT
        assert setup.memory.slots[0].unsent().startswith(b"HTTP/1.1 200 ")


def test_a_request_with_a_response_that_is_too_large_to_be_left_is_returned_unanswered() -> None:
    answer = Response(200, b"", b"y" * MAX_DIRECT_BYTES, 1)
    with handed_over(lambda _: answer) as setup:
        setup.client.sendall(request(b"a"))
        setup.begin()

        assert setup.until_returned() == handover_slot.RECEIVED
        assert setup.memory.slots[0].request() == request(b"a")
        assert [*setup.memory.records.read()] == []


def test_the_connection_of_a_client_who_left_is_returned() -> None:
    def leave(inference: InferenceRequest) -> Response:
        setup.client.close()
        return echo(inference)

    with handed_over(leave) as setup:
        setup.client.sendall(request(b"a"))
        setup.begin()

        assert setup.until_returned() == handover_slot.WAITING


def test_connections_with_requests_are_returned_when_the_front_has_not_read_the_records() -> None:
    with handed_over() as setup:
        for _ in range(MAX_RECORDS):
            setup.memory.records.write(0, ResponseRecord(200, 0.0, 1, 1, 1))
        setup.client.sendall(request(b"a"))
        setup.begin()

        assert setup.until_returned() == handover_slot.WAITING
        assert setup.lent[0].recv(1_000) == request(b"a")


def test_a_connection_for_which_no_descriptor_is_left_is_returned_and_a_later_one_is_answered(
    without_descriptors: Callable[[], AbstractContextManager[None]],
) -> None:
    with handed_over() as setup:
        with without_descriptors():
            setup.begin()
            assert setup.until_returned() == handover_slot.WAITING
        send_handover(setup.front, HandOver(0, HEAD), setup.lent[0].fileno())

        assert setup.ask(b"a").endswith(b"a")
