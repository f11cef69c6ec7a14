"""States of fronts in memory that forked processes share."""

import struct

import msgspec
import pytest

from serving.fronts import shared_front_states
from serving.fronts.shared_front_states import MAX_REASON, FrontState, SharedFrontStates
from tests.serving.fronts.states import counts


def test_a_state_is_read_as_it_was_published_and_each_front_has_its_own() -> None:
    states = SharedFrontStates(2)
    first = FrontState("The model is being loaded.", ready=False, excused=2.5, counts=counts(responses=3))
    second = FrontState(ready=True)

    states.publish(0, first)
    states.publish(1, FrontState("later replaced"))
    states.publish(1, second)

    assert (states.read(0), states.read(1)) == (first, second)
    assert (states.is_ready(0), states.is_ready(1)) == (False, True)
    assert (states.sequence(0), states.sequence(1)) == (1, 2)


def test_a_front_that_has_published_nothing_has_no_state() -> None:
    assert SharedFrontStates(1).read(0) is None


def test_ended_connections_are_counted_by_front() -> None:
    states = SharedFrontStates(2)

    states.count_closed(1)
    states.count_closed(1)

    assert (states.closed(0), states.closed(1)) == (0, 2)
    states.clear_closed(1)
    assert states.closed(1) == 0


def test_a_read_that_meets_a_write_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    states = SharedFrontStates(1)
    states.publish(0, FrontState("first"))
    decode, torn = struct.Struct("<II"), list[object]()

    class Head:
        """Two further states are published while the first is read, the second into the same buffer."""

        size = decode.size
        pack_into = decode.pack_into

        def unpack_from(self, memory: bytes, start: int) -> tuple[int, ...]:
            head = decode.unpack_from(memory, start)
            if not torn:
                torn.append(head)
                states.publish(0, FrontState("second, of another length"))
                states.publish(0, FrontState("third, of yet another length"))
            return head

    monkeypatch.setattr(shared_front_states, "_HEAD", Head())

    assert states.read(0) == FrontState("third, of yet another length")
    assert torn


def test_a_state_that_is_too_large_is_published_without_counts_and_with_a_shorter_reason() -> None:
    states = SharedFrontStates(1)
    models = [(f"model {number}", "c0ffee") for number in range(10_000)]
    many = msgspec.structs.replace(counts(responses=1), models=models)

    states.publish(0, FrontState("a" * 10_000, counts=many))

    assert states.read(0) == FrontState("a" * MAX_REASON)
