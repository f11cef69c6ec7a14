"""Front slot: the health and the counts of the other fronts."""

import pytest

from serving.fronts.front_slot import FrontSlot
from serving.fronts.scoreboard import FrontState, Scoreboard
from tests.serving.clock import FakeClock
from tests.serving.fronts.states import counts


@pytest.fixture
def board() -> Scoreboard:
    return Scoreboard(3)


def test_a_front_is_unhealthy_while_another_is(board: Scoreboard) -> None:
    first, second = (FrontSlot(board, front, FakeClock(5.0)) for front in (0, 1))
    second.publish("No worker is alive.", lambda: counts(responses=0), ready=False)

    assert first.unhealthy_reason() == "No worker is alive."
    assert second.unhealthy_reason() is None

    second.publish(None, lambda: counts(responses=0), ready=True)
    assert first.unhealthy_reason() is None


def test_a_replaced_front_is_excused_until_it_was_well_once(board: Scoreboard) -> None:
    clock = FakeClock(5.0)
    board.publish(1, FrontState("ended", excused=7.0))
    other, replaced = FrontSlot(board, 0, clock), FrontSlot(board, 1, clock)
    replaced.publish("The model is being loaded.", lambda: counts(responses=0), ready=False)

    assert other.unhealthy_reason() is None
    clock.now = 7.0
    assert other.unhealthy_reason() == "The model is being loaded."

    clock.now = 5.0
    replaced.publish(None, lambda: counts(responses=0), ready=True)
    replaced.publish("No worker is alive.", lambda: counts(responses=0), ready=False)
    assert other.unhealthy_reason() == "No worker is alive."


def test_the_counts_are_those_of_the_others(board: Scoreboard) -> None:
    slots = [FrontSlot(board, front, FakeClock(0.0)) for front in range(3)]
    for number, slot in enumerate(slots):
        slot.publish(None, lambda: counts(responses=10**number), ready=True)  # noqa: B023  # called at once

    assert [found.rows for found in slots[1].counts()] == [1, 100]


def test_the_counts_of_a_process_that_ended_go_on_in_its_seat(board: Scoreboard) -> None:
    ended = counts(responses=7, connections=4).without_gauges()
    board.publish(1, FrontState("ended", counts=ended))
    other, replaced = (FrontSlot(board, front, FakeClock(0.0)) for front in (0, 1))

    assert [found.rows for found in replaced.counts()] == [7]
    replaced.publish(None, lambda: counts(responses=2, connections=1), ready=True)
    [found] = other.counts()
    assert (found.rows, found.latency.buckets[1], found.gauges) == (9, 9, (1,))


def test_an_ended_connection_is_counted_in_the_own_seat(board: Scoreboard) -> None:
    FrontSlot(board, 2, FakeClock(0.0)).count_closed()

    assert [board.closed(front) for front in range(3)] == [0, 0, 1]
