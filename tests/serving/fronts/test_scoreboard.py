"""Scoreboard: states in memory that forked processes share."""

import struct

import msgspec
import pytest

from serving.fronts import scoreboard
from serving.fronts.scoreboard import MAX_REASON, FrontState, Scoreboard
from tests.serving.fronts.states import counts


def test_a_state_is_read_as_it_was_published_and_each_front_has_its_own() -> None:
    board = Scoreboard(2)
    first = FrontState("The model is being loaded.", ready=False, excused=2.5, counts=counts(responses=3))
    second = FrontState(ready=True)

    board.publish(0, first)
    board.publish(1, FrontState("later replaced"))
    board.publish(1, second)

    assert (board.read(0), board.read(1)) == (first, second)
    assert (board.is_ready(0), board.is_ready(1)) == (False, True)
    assert (board.sequence(0), board.sequence(1)) == (1, 2)


def test_a_front_that_has_published_nothing_has_no_state() -> None:
    assert Scoreboard(1).read(0) is None


def test_ended_connections_are_counted_by_front() -> None:
    board = Scoreboard(2)

    board.count_closed(1)
    board.count_closed(1)

    assert (board.closed(0), board.closed(1)) == (0, 2)
    board.clear_closed(1)
    assert board.closed(1) == 0


def test_a_read_that_meets_a_write_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Scoreboard(1)
    board.publish(0, FrontState("first"))
    decode, torn = struct.Struct("<II"), list[object]()

    class Head:
        """Two further states are published while the first is read, the second into the same buffer."""

        size = decode.size
        pack_into = decode.pack_into

        def unpack_from(self, memory: bytes, start: int) -> tuple[int, ...]:
            head = decode.unpack_from(memory, start)
            if not torn:
                torn.append(head)
                board.publish(0, FrontState("second, of another length"))
                board.publish(0, FrontState("third, of yet another length"))
            return head

    monkeypatch.setattr(scoreboard, "_HEAD", Head())

    assert board.read(0) == FrontState("third, of yet another length")
    assert torn


def test_a_state_that_is_too_large_is_published_without_counts_and_with_a_shorter_reason() -> None:
    board = Scoreboard(1)
    models = [(f"model {number}", "c0ffee") for number in range(10_000)]
    many = msgspec.structs.replace(counts(responses=1), models=models)

    board.publish(0, FrontState("a" * 10_000, counts=many))

    assert board.read(0) == FrontState("a" * MAX_REASON)
