"""Slot of a direct connection: stages and bytes of a request, in two mappings of one memory."""

import os
import socket
from collections.abc import Iterator

import pytest

from serving.direct_connections.memory import handover_slot
from serving.direct_connections.memory.handover_memory import MAX_SLOTS, HandoverMemory
from serving.direct_connections.memory.handover_slot import MAX_DIRECT_BYTES, HandoverSlot

Memories = tuple[HandoverMemory, HandoverMemory]
Slots = tuple[HandoverSlot, HandoverSlot]


@pytest.fixture
def memories() -> Iterator[Memories]:
    """The memory as the worker and as the front have it."""
    descriptor = HandoverMemory.create()
    yield HandoverMemory(descriptor), HandoverMemory(descriptor)
    os.close(descriptor)


@pytest.fixture
def slots(memories: Memories) -> Slots:
    """The last slot as the worker and as the front have it."""
    return memories[0].slots[-1], memories[1].slots[-1]


def test_the_front_has_the_bytes_that_the_worker_received(slots: Slots) -> None:
    worker, front = slots
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"request")
        received = worker.receive(theirs)

    assert received == front.request() == b"request"
    assert front.stage == handover_slot.RECEIVED
    assert front.arrived == worker.arrived > 0


def test_no_more_is_received_than_there_is_room_for(slots: Slots) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * MAX_DIRECT_BYTES)
        ours.send(b"x" * 2 * MAX_DIRECT_BYTES)

        assert len(slots[0].receive(theirs)) == MAX_DIRECT_BYTES


def test_nothing_is_received_from_a_lost_connection(slots: Slots) -> None:
    worker, front = slots
    ours, theirs = socket.socketpair()
    ours.close()
    theirs.close()

    with pytest.raises(OSError, match="Bad file descriptor"):
        worker.receive(theirs)
    assert front.stage == handover_slot.WAITING


def test_the_stage_is_that_of_receiving_meanwhile(slots: Slots) -> None:
    worker, front = slots
    seen: list[int] = []

    class Connection:
        def recv_into(self, _buffer: memoryview) -> int:
            seen.append(front.stage)
            return 0

    assert worker.receive(Connection()) == b""  # type: ignore[arg-type]
    assert seen == [handover_slot.RECEIVING]


def test_the_unsent_part_of_a_response_is_left_to_the_front_beside_the_request(slots: Slots) -> None:
    worker, front = slots
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"request")
        worker.receive(theirs)

    worker.write_response(b"response", handover_slot.SENDING)
    sending = front.stage
    worker.note_sent(3)

    assert sending == handover_slot.SENDING
    assert (front.stage, front.request(), front.response()) == (handover_slot.UNSENT, b"request", b"response")
    assert front.unsent() == b"ponse"
    assert front.all_sent == 0


def test_the_bytes_of_earlier_requests_and_responses_are_counted_until_another_connection_begins(
    slots: Slots,
) -> None:
    worker, front = slots
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for _ in range(2):
            ours.sendall(b"request")
            worker.receive(theirs)
            worker.write_response(b"response", handover_slot.SENDING)
            worker.note_sent(8)
    counted = front.stage, front.all_read, front.all_sent
    front.begin()

    assert counted == (handover_slot.WAITING, 14, 16)
    assert (worker.stage, worker.all_read, worker.all_sent) == (handover_slot.WAITING, 0, 0)


def test_slots_records_and_counts_do_not_overlap(memories: Memories) -> None:
    worker, front = memories
    for number, slot in enumerate(worker.slots):
        slot.write_response(bytes([number]) * MAX_DIRECT_BYTES, handover_slot.UNSENT)

    assert [slot.unsent() for slot in front.slots] == [
        bytes([number]) * MAX_DIRECT_BYTES for number in range(MAX_SLOTS)
    ]
    assert [slot.request(MAX_DIRECT_BYTES) for slot in front.slots] == [bytes(MAX_DIRECT_BYTES)] * MAX_SLOTS
    assert [*front.records.read()] == []
    assert front.counts.read().responses == 0
