"""Handover memory: stages, bytes of a request and records of responses, in two mappings of one memory."""

import os
import socket
from collections.abc import Iterator

import pytest

from bundle import WARNINGS
from serving.direct_connections import handover_memory
from serving.direct_connections.handover_memory import MAX_DIRECT_BYTES, MAX_RECORDS, HandoverMemory
from serving.http.response import ResponseRecord

RECORD = ResponseRecord(200, 0.001, 1, 10, 100)
Memories = tuple[HandoverMemory, HandoverMemory]


@pytest.fixture
def memories() -> Iterator[Memories]:
    """The memory as the worker and as the front have it."""
    descriptor = HandoverMemory.create()
    yield HandoverMemory(descriptor), HandoverMemory(descriptor)
    os.close(descriptor)


def test_the_front_has_the_bytes_that_the_worker_received(memories: Memories) -> None:
    worker, front = memories
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"request")
        received = worker.receive(theirs)

    assert received == front.content() == b"request"
    assert front.stage == handover_memory.RECEIVED
    assert front.arrived == worker.arrived > 0


def test_no_more_is_received_than_there_is_room_for(memories: Memories) -> None:
    worker, _ = memories
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_DIRECT_BYTES)
        ours.send(b"x" * 2 * MAX_DIRECT_BYTES)

        assert len(worker.receive(theirs)) == MAX_DIRECT_BYTES


def test_nothing_is_received_from_a_lost_connection(memories: Memories) -> None:
    worker, front = memories
    ours, theirs = socket.socketpair()
    ours.close()
    theirs.close()

    with pytest.raises(OSError, match="Bad file descriptor"):
        worker.receive(theirs)
    assert front.stage == handover_memory.WAITING


def test_the_unsent_part_of_a_response_is_left_to_the_front(memories: Memories) -> None:
    worker, front = memories

    worker.leave(b"rest")

    assert (front.stage, front.content()) == (handover_memory.UNSENT, b"rest")


def test_records_are_read_once_in_their_order_however_many_there_were(memories: Memories) -> None:
    worker, front = memories
    read: list[float] = []
    for number in range(2 * MAX_RECORDS + 1):
        worker.write(ResponseRecord(200, number, 1, 10, 100))
        if number % 100 == 0:
            read += [record.seconds for record in front.read()]

    assert read == [*range(2 * MAX_RECORDS + 1)][: len(read)]
    assert [record.seconds for record in front.read()] == [*range(len(read), 2 * MAX_RECORDS + 1)]
    assert [*front.read()] == []
    assert front.written == 2 * MAX_RECORDS + 1


def test_the_memory_is_full_until_the_front_reads_the_records(memories: Memories) -> None:
    worker, front = memories
    for _ in range(MAX_RECORDS):
        assert not worker.is_full
        worker.write(RECORD)
    full = worker.is_full

    assert full
    assert len([*front.read()]) == MAX_RECORDS
    assert not worker.is_full


def test_a_record_has_room_for_the_most_warnings_of_every_kind(memories: Memories) -> None:
    worker, front = memories
    largest = ResponseRecord(422, 1 / 3, 1_000, 1 << 20, 1 << 30, dict.fromkeys(WARNINGS, 1 << 20))

    worker.write(largest)
    worker.write(RECORD)

    assert [*front.read()] == [largest, RECORD]


def test_a_record_that_is_not_yet_visible_is_read_later(memories: Memories) -> None:
    worker, front = memories
    worker.write(RECORD)
    start = handover_memory._RECORDS + handover_memory._RECORD_HEAD.size
    visible, worker._memory[start] = worker._memory[start], 0

    before = [*front.read()]
    worker._memory[start] = visible

    assert before == []
    assert [*front.read()] == [RECORD]
