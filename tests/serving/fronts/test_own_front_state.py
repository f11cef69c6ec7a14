"""State of a front: its own is published, the health and the counts of the others are read."""

import pytest

from serving.fronts.own_front_state import OwnFrontState
from serving.fronts.shared_front_states import FrontState, SharedFrontStates
from tests.serving.clock import FakeClock
from tests.serving.fronts.states import counts


@pytest.fixture
def states() -> SharedFrontStates:
    return SharedFrontStates(3)


def test_a_front_is_unhealthy_while_another_is(states: SharedFrontStates) -> None:
    first, second = (OwnFrontState(states, front, FakeClock(5.0)) for front in (0, 1))
    second.publish("No worker is alive.", lambda: counts(responses=0), ready=False)

    assert first.unhealthy_reason() == "No worker is alive."
    assert second.unhealthy_reason() is None

    second.publish(None, lambda: counts(responses=0), ready=True)
    assert first.unhealthy_reason() is None


def test_a_replaced_front_is_excused_until_it_was_well_once(states: SharedFrontStates) -> None:
    clock = FakeClock(5.0)
    states.publish(1, FrontState("ended", excused=7.0))
    other, replaced = OwnFrontState(states, 0, clock), OwnFrontState(states, 1, clock)
    replaced.publish("The model is being loaded.", lambda: counts(responses=0), ready=False)

    assert other.unhealthy_reason() is None
    clock.now = 7.0
    assert other.unhealthy_reason() == "The model is being loaded."

    clock.now = 5.0
    replaced.publish(None, lambda: counts(responses=0), ready=True)
    replaced.publish("No worker is alive.", lambda: counts(responses=0), ready=False)
    assert other.unhealthy_reason() == "No worker is alive."


def test_the_counts_are_those_of_the_others(states: SharedFrontStates) -> None:
    fronts = [OwnFrontState(states, front, FakeClock(0.0)) for front in range(3)]
    for number, slot in enumerate(fronts):
        slot.publish(None, lambda: counts(responses=10**number), ready=True)  # noqa: B023  # called at once

    assert [found.rows for found in fronts[1].counts()] == [1, 100]


def test_the_counts_of_a_process_that_ended_go_on_in_its_place(states: SharedFrontStates) -> None:
    ended = counts(responses=7, connections=4).without_gauges()
    states.publish(1, FrontState("ended", counts=ended))
    other, replaced = (OwnFrontState(states, front, FakeClock(0.0)) for front in (0, 1))

    assert [found.rows for found in replaced.counts()] == [7]
    replaced.publish(None, lambda: counts(responses=2, connections=1), ready=True)
    [found] = other.counts()
    assert (found.rows, found.latency.buckets[1], found.gauges) == (9, 9, (1,))


def test_an_ended_connection_is_counted_for_the_own_front(states: SharedFrontStates) -> None:
    OwnFrontState(states, 2, FakeClock(0.0)).count_closed()

    assert [states.closed(front) for front in range(3)] == [0, 0, 1]
