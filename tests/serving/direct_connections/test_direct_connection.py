"""Direct connections: whole requests are answered on real sockets; whatever else arrives is returned."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.utils import parsedate_to_datetime

import pytest

from serving.direct_connections import handover_memory
from serving.direct_connections.direct_connection import RETURNED, DirectConnection
from serving.direct_connections.handover_memory import MAX_DIRECT_BYTES, MAX_RECORDS, HandoverMemory
from serving.direct_connections.repeated_head import RepeatedHead
from serving.http.exchange import render
from serving.http.response import Response, ResponseRecord
from serving.predict.request import InferenceRequest

# Bounds a hang only.
HANG_SECONDS = 60
METADATA = (b"application/json", b"", b"", b"")
BEFORE = b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-length: "
HEAD = RepeatedHead(BEFORE, b"\r\n\r\n", METADATA)
DATE = b"date: Sat, 28 Nov 2026 00:00:00 GMT\r\n"


def request(body: bytes) -> bytes:
    return b"%b%d\r\n\r\n%b" % (BEFORE, len(body), body)


def echo(inference: InferenceRequest) -> Response:
    return Response(200, b"content-type: text/plain\r\n", inference.body, 1)


class Handover:
    """A connection that a direct_connection answers in a thread.

    Attributes:
        client: The client's end of the connection.
        memory: The memory as the front has it.
        seen: The requests that were answered.
    """

    def __init__(self, stack: ExitStack, answer: Callable[[InferenceRequest], Response]) -> None:
        descriptor = HandoverMemory.create()
        stack.callback(os.close, descriptor)
        self.memory = HandoverMemory(descriptor)
        self.seen: list[InferenceRequest] = []
        self.answer = answer
        self.client, self._lent = map(stack.enter_context, socket.socketpair())
        self._front, self._worker = map(stack.enter_context, socket.socketpair())
        self.client.settimeout(HANG_SECONDS)
        self._front.settimeout(HANG_SECONDS)
        self._lent.setblocking(False)
        commands, self._command = os.pipe()
        stack.callback(os.close, commands)
        stack.callback(os.close, self._command)
        direct_connection = DirectConnection(HandoverMemory(descriptor), self._worker, commands, self._see)
        self._thread = threading.Thread(target=direct_connection.serve, args=(HEAD,))

    def _see(self, inference: InferenceRequest) -> Response:
        self.seen.append(inference)
        return self.answer(inference)

    def begin(self) -> None:
        socket.send_fds(self._front, [b"c"], [self._lent.fileno()])
        self._thread.start()

    def ask(self, body: bytes) -> bytes:
        self.client.sendall(request(body))
        return self.client.recv(MAX_DIRECT_BYTES)

    def command(self) -> None:
        os.write(self._command, b"x")

    def until_returned(self) -> int:
        """Waits for the return of the connection; returns the stage of the worker."""
        assert self._front.recv(1) == RETURNED
        self._thread.join()
        return self.memory.stage

    def fill(self) -> None:
        """Fills the buffers between the worker and the client."""
        self._lent.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        try:
            while True:
                self._lent.send(b"x")
        except BlockingIOError:
            pass


@contextmanager
def handed_over(answer: Callable[[InferenceRequest], Response] = echo) -> Iterator[Handover]:
    with ExitStack() as stack:
        yield Handover(stack, answer)


def test_whole_requests_are_answered_as_the_front_would_and_recorded_until_the_next_command() -> None:
    with handed_over() as handover:
        handover.begin()
        answers = [handover.ask(body) for body in (b"a", b"22", b"333")]
        handover.command()

        assert handover.until_returned() == handover_memory.WAITING
        for answer, body in zip(answers, (b"a", b"22", b"333"), strict=True):
            date = next(line for line in answer.split(b"\r\n") if line.startswith(b"date: "))
            assert answer == render(echo(InferenceRequest("", body, METADATA)), date + b"\r\n")
            assert parsedate_to_datetime(date.decode()[6:]).year > 2000
        assert handover.seen == [InferenceRequest("", body, METADATA) for body in (b"a", b"22", b"333")]
        records = [*handover.memory.read()]
        assert records == [
            ResponseRecord(200, record.seconds, 1, size, size)
            for record, size in zip(records, (1, 2, 3), strict=True)
        ]
        assert all(0 <= record.seconds < HANG_SECONDS for record in records)


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
def test_anything_but_one_whole_request_is_returned_unanswered(data: bytes) -> None:
    with handed_over() as handover:
        handover.client.sendall(data)
        handover.begin()

        assert handover.until_returned() == handover_memory.RECEIVED
        assert handover.memory.content() == data
        assert (handover.seen, handover.memory.written) == ([], 0)


def test_the_first_part_of_a_large_request_is_returned_and_the_rest_stays_in_the_connection() -> None:
    data = request(b"x" * 2 * MAX_DIRECT_BYTES)
    with handed_over() as handover:
        handover.client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_DIRECT_BYTES)
        handover.client.sendall(data)
        handover.begin()

        assert handover.until_returned() == handover_memory.RECEIVED
        received = handover.memory.content()
        assert received + handover._lent.recv(4 * MAX_DIRECT_BYTES) == data


def test_a_closed_connection_is_returned_without_a_request() -> None:
    with handed_over() as handover:
        handover.begin()
        handover.client.shutdown(socket.SHUT_WR)

        assert handover.until_returned() == handover_memory.RECEIVED
        assert handover.memory.content() == b""


def test_a_command_goes_before_a_request_that_has_arrived() -> None:
    with handed_over() as handover:
        handover.client.sendall(request(b"a"))
        handover.command()
        handover.begin()

        assert handover.until_returned() == handover_memory.WAITING
        assert handover._lent.recv(1_000) == request(b"a")


def test_a_failure_is_recorded_and_left_to_the_front() -> None:
    failed = Response(500, b"", b"failed")
    with handed_over(lambda _: failed) as handover:
        handover.client.sendall(request(b"a"))
        handover.begin()

        assert handover.until_returned() == handover_memory.UNSENT
        assert handover.memory.content().startswith(b"HTTP/1.1 500 ")
        assert handover.memory.content().endswith(b"failed")
        assert [record.status for record in handover.memory.read()] == [500]


def test_the_part_of_a_response_that_the_client_does_not_read_yet_is_left_to_the_front() -> None:
    answer = Response(200, b"", b"y" * 20_000, 1)
    with handed_over(lambda _: answer) as handover:
        handover._lent.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
        handover.client.sendall(request(b"a"))
        handover.begin()

        assert handover.until_returned() == handover_memory.UNSENT
        sent = handover.client.recv(MAX_DIRECT_BYTES, socket.MSG_DONTWAIT)
        date = next(line for line in sent.split(b"\r\n") if line.startswith(b"date: "))
        assert sent + handover.memory.content() == render(answer, date + b"\r\n")
        assert 0 < len(sent) < 20_000


def test_a_response_that_cannot_be_sent_at_all_is_left_to_the_front() -> None:
    with handed_over() as handover:
        handover.client.sendall(request(b"a"))
        handover.fill()
        handover.begin()

        assert handover.until_returned() == handover_memory.UNSENT
        assert handover.memory.content().startswith(b"HTTP/1.1 200 ")


def test_a_request_with_a_response_that_is_too_large_to_be_left_is_returned_unanswered() -> None:
    answer = Response(200, b"", b"y" * MAX_DIRECT_BYTES, 1)
    with handed_over(lambda _: answer) as handover:
        handover.client.sendall(request(b"a"))
        handover.begin()

        assert handover.until_returned() == handover_memory.RECEIVED
        assert handover.memory.content() == request(b"a")
        assert handover.memory.written == 0


def test_the_connection_of_a_client_who_left_is_returned() -> None:
    def leave(inference: InferenceRequest) -> Response:
        handover.client.close()
        return echo(inference)

    with handed_over(leave) as handover:
        handover.client.sendall(request(b"a"))
        handover.begin()

        assert handover.until_returned() == handover_memory.WAITING


def test_the_connection_is_returned_when_the_front_has_not_read_the_records() -> None:
    with handed_over() as handover:
        for _ in range(MAX_RECORDS):
            handover.memory.write(ResponseRecord(200, 0.0, 1, 1, 1))
        handover.client.sendall(request(b"a"))
        handover.begin()

        assert handover.until_returned() == handover_memory.WAITING
        assert handover._lent.recv(1_000) == request(b"a")


def test_the_stage_says_how_far_a_request_is_and_its_record_is_there_before_the_client_has_the_response(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stages: list[tuple[int, int]] = []
    enter = HandoverMemory.enter

    def record(memory: HandoverMemory, stage: int) -> None:
        stages.append((stage, memory.written))
        enter(memory, stage)

    monkeypatch.setattr(HandoverMemory, "enter", record)
    with handed_over() as handover:
        handover.begin()
        handover.ask(b"a")
        handover.command()
        handover.until_returned()

    assert stages == [
        (handover_memory.RECEIVING, 0),
        (handover_memory.RECEIVED, 0),
        (handover_memory.ANSWERING, 0),
        (handover_memory.SENDING, 1),
        (handover_memory.WAITING, 1),
    ]
