"""Records of responses: a ring that the worker writes and the front reads, without a lock."""

import pytest

from bundle import WARNINGS
from serving.direct_connections.memory import response_records
from serving.direct_connections.memory.response_records import MAX_RECORDS, RECORDS_BYTES, ResponseRecords
from serving.http.response import ResponseRecord

RECORD = ResponseRecord(200, 0.001, 1, 10, 100)
Pair = tuple[ResponseRecords, ResponseRecords, bytearray]


@pytest.fixture
def pair() -> Pair:
    """The records as the worker and as the front have them, and their memory."""
    memory = bytearray(RECORDS_BYTES)
    return ResponseRecords(memoryview(memory)), ResponseRecords(memoryview(memory)), memory


def test_records_are_read_once_in_their_order_however_many_there_were(pair: Pair) -> None:
    worker, front, _ = pair
    read: list[float] = []
    for number in range(2 * MAX_RECORDS + 1):
        worker.write(0, ResponseRecord(200, number, 1, 10, 100))
        if number % 100 == 0:
            read += [record.seconds for _, record in front.read()]

    assert read == [*range(2 * MAX_RECORDS + 1)][: len(read)]
    rest = [record.seconds for _, record in front.read()]
    assert rest == [*range(len(read), 2 * MAX_RECORDS + 1)]
    assert [*front.read()] == []


def test_a_record_has_its_slot(pair: Pair) -> None:
    worker, front, _ = pair
    worker.write(127, RECORD)
    worker.write(3, RECORD)

    assert [*front.read()] == [(127, RECORD), (3, RECORD)]


def test_there_is_room_until_as_many_records_wait_for_the_front(pair: Pair) -> None:
    worker, front, _ = pair
    for _ in range(MAX_RECORDS - 1):
        worker.write(0, RECORD)
    room = [worker.has_room(1), worker.has_room(2)]
    worker.write(0, RECORD)
    full = not worker.has_room(1)

    assert room == [True, False]
    assert full
    assert len([*front.read()]) == MAX_RECORDS
    assert worker.has_room(MAX_RECORDS)


def test_a_record_has_room_for_the_most_warnings_of_every_kind(pair: Pair) -> None:
    worker, front, _ = pair
    largest = ResponseRecord(422, 1 / 3, 1_000, 1 << 20, 1 << 30, dict.fromkeys(WARNINGS, 1 << 20))

    worker.write(0, largest)
    worker.write(0, RECORD)

    assert [record for _, record in front.read()] == [largest, RECORD]


def test_a_record_that_is_not_yet_visible_is_read_later(pair: Pair) -> None:
    worker, front, memory = pair
    worker.write(0, RECORD)
    start = response_records._COUNT_BYTES + response_records._HEAD.size
    visible, memory[start] = memory[start], 0

    before = [*front.read()]
    memory[start] = visible

    assert before == []
    assert [*front.read()] == [(0, RECORD)]
