"""Direct connections: whole requests that have arrived are answered together, between commands."""

import select
import socket
import threading
from email.utils import parsedate_to_datetime

import pytest

from serving.direct_connections import direct_connections
from serving.direct_connections.busy_polling import BusyPolling
from serving.direct_connections.handover_messages import HandOver, Recall, receive_message
from serving.direct_connections.memory import handover_slot
from serving.direct_connections.memory.handover_slot import HandoverSlot
from serving.direct_connections.memory.response_counts import ResponseCounts
from serving.http.exchange import render
from serving.http.response import Response, ResponseRecord
from serving.predict.request import InferenceRequest
from tests.serving.direct_connections.direct_setup import (
    HANG_SECONDS,
    METADATA,
    date_of,
    echo,
    handed_over,
    request,
)

Warnings = dict[str, int] | None


def test_whole_requests_are_answered_as_the_front_would_and_recorded() -> None:
    with handed_over() as setup:
        setup.begin()
        answers = [setup.ask(body) for body in (b"a", b"22", b"333")]
        setup.recall()

        assert setup.until_returned() == handover_slot.WAITING
        for answer, body in zip(answers, (b"a", b"22", b"333"), strict=True):
            assert answer == render(echo(InferenceRequest("", body, METADATA)), date_of(answer))
            assert parsedate_to_datetime(date_of(answer)[6:].decode().strip()).year > 2000
        assert setup.batches == [[b"a"], [b"22"], [b"333"]]
        counts = setup.memory.counts.read()
        assert (counts.responses, counts.rows, counts.batches.sum) == (3, 3, 3)
        assert 0 <= counts.latency.sum < HANG_SECONDS
        assert [*setup.memory.records.read()] == []


def test_a_response_that_is_no_success_is_recorded_and_so_is_the_first_success_after_a_failure() -> None:
    def answer(inference: InferenceRequest) -> Response:
        return Response(int(inference.body), b"", b"{}", 1, {"unseen_value": 1})

    with handed_over(answer, clients=2) as setup:
        setup.begin()
        for body in (b"200", b"422", b"200"):
            setup.ask(body)
        before = setup.memory.counts.read().responses
        setup.client.sendall(request(b"500"))
        setup.until_returned()
        for _ in range(2):
            setup.ask(b"200", 1)

        assert before == 2
        records = [record for _, record in setup.memory.records.read()]
        assert records == [
            ResponseRecord(status, record.seconds, 1, 3, 2, {"unseen_value": 1})
            for record, status in zip(records, (422, 500, 200), strict=True)
        ]
        assert setup.memory.counts.read().responses == 1


def test_the_worker_logs_the_share_of_successes_that_the_front_wants(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "serving")
    with handed_over() as setup:
        setup.begin()
        setup.ask(b"a")
        setup.memory.counts.log_sample = 1.0
        setup.ask(b"22")
        setup.command()
        (logged,) = [record.__dict__["fields"] for record in caplog.records]
        setup.resume()

    seconds = logged.pop("milliseconds")
    assert 0 <= seconds < HANG_SECONDS * 1_000
    assert logged == {
        "route": "invocations",
        "status": 200,
        "rows": 1,
        "request_bytes": 2,
        "response_bytes": 2,
    }


def test_requests_that_have_arrived_are_one_batch() -> None:
    with handed_over(clients=3) as setup:
        setup.begin()
        setup.ask(b"first", 2)
        setup.command()
        for number in range(3):
            setup.clients[number].sendall(request(b"%d" % number))
        setup.resume()
        answers = [client.recv(1_000)[-1:] for client in setup.clients]

        assert answers == [b"0", b"1", b"2"]
        assert setup.batches == [[b"first"], [b"0", b"1", b"2"]]
        batches = setup.memory.counts.read().batches
        assert (batches.buckets[0], batches.buckets[2], batches.sum) == (1, 1, 4)


def test_a_batch_has_a_limited_size_and_no_client_waits_for_two_batches_of_another() -> None:
    def ask_again(inference: InferenceRequest) -> Response:
        if inference.body == b"0" and len(setup.batches) < 4:
            setup.client.sendall(request(b"0"))
        return echo(inference)

    with handed_over(ask_again, clients=2, batch_bytes=0) as setup:
        setup.begin()
        setup.ask(b"first", 1)
        setup.command()
        # Its second request arrives while its first is answered.
        setup.client.sendall(request(b"0"))
        setup.clients[1].sendall(request(b"1"))
        setup.resume()
        assert setup.clients[1].recv(1_000).endswith(b"1")
        setup.command()

        assert setup.batches[:3] == [[b"first"], [b"0"], [b"1"]]
        setup.resume()


def test_requests_that_have_arrived_are_answered_before_a_command_however_many_there_are() -> None:
    with handed_over() as setup:
        setup.begin()
        setup.ask(b"first")
        setup.command()
        for number in range(3):
            setup.client.sendall(request(b"%d" % number))
            # The command is still there.
            setup.worker.serve()

        assert setup.batches == [[b"first"], [b"0"], [b"1"], [b"2"]]
        setup.resume()


def test_a_command_does_not_wait_for_clients_nor_they_for_it() -> None:
    with handed_over() as setup:
        setup.begin()
        setup.ask(b"a")
        setup.command()
        setup.client.sendall(request(b"b"))
        setup.resume()

        assert setup.client.recv(1_000).endswith(b"b")


def test_each_service_and_each_new_connection_begins_without_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[BusyPolling] = []

    class NotedPolling(BusyPolling):
        def __init__(self, events: select.poll) -> None:
            super().__init__(events)
            begun.append(self)

    monkeypatch.setattr(direct_connections, "BusyPolling", NotedPolling)
    with handed_over(clients=2) as setup:
        setup.begin()
        setup.ask(b"a", 1)
        setup.ask(b"b", 1)
        counts = [len(begun)]
        setup.command()
        setup.resume()
        setup.ask(b"c", 1)
        counts.append(len(begun))

    # At its creation, in the first service, for two connections, and in the second service.
    assert counts == [4, 5]


def test_the_end_of_the_front_is_noticed_once_and_the_service_goes_on_until_a_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    messages: list[object] = []

    def receive(worker: socket.socket) -> tuple[HandOver | Recall | None, list[int]]:
        found = receive_message(worker)
        messages.append(found[0])
        return found

    monkeypatch.setattr(direct_connections, "receive_message", receive)
    with handed_over() as setup:
        setup.begin()
        setup.ask(b"a")
        setup.front.close()
        answers = [setup.ask(b"b") for _ in range(3)]

        assert [answer[-1:] for answer in answers] == [b"b"] * 3
        assert messages.count(None) == 1


def test_the_stage_says_how_far_a_request_is_and_it_is_counted_before_the_client_has_the_response(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stages: list[object] = []
    sent = threading.Event()
    enter, count, note = HandoverSlot.write_response, ResponseCounts.count, HandoverSlot.note_sent

    def write_response(slot: HandoverSlot, message: bytes, stage: int) -> None:
        stages.append(slot.stage)
        enter(slot, message, stage)
        stages.append(slot.stage)

    def note_count(counts: ResponseCounts, seconds: float, rows: int, warnings: Warnings) -> None:
        stages.append("counted")
        count(counts, seconds, rows, warnings)

    def note_sent(slot: HandoverSlot, size: int) -> None:
        note(slot, size)
        stages.append(slot.stage)
        sent.set()

    monkeypatch.setattr(HandoverSlot, "write_response", write_response)
    monkeypatch.setattr(ResponseCounts, "count", note_count)
    monkeypatch.setattr(HandoverSlot, "note_sent", note_sent)
    with handed_over() as setup:
        setup.begin()
        setup.ask(b"a")
        assert sent.wait(HANG_SECONDS)

    assert stages == ["counted", handover_slot.ANSWERING, handover_slot.SENDING, handover_slot.WAITING]
