"""The delay of the inbound aircraft beside a slow oracle, and that it knows nothing of later."""

import datetime
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.training.flights.inbound import oracle
from tests.training.flights.inbound.planned import CANCELLED, DAYS, DIVERTED, LEG, Leg, inbound, rotations
from training.flights.cleaning import USABLE

# JFK 10:00 to LAX 13:00, six hours later; the next flight leaves there at 16:00.
BEFORE = Leg(departure_delay=20.0, arrival_delay=35.0)
FLIGHT = Leg(origin="LAX", destination="HNL", departure=960, arrival=1200)
LATE_FEBRUARY, SPRING, AUTUMN = DAYS[0], DAYS[3], DAYS[5]


@pytest.mark.slow
@given(rotations(), st.data())
def test_the_field_is_that_of_the_oracle(legs: list[Leg], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(legs)))

    assert inbound(legs, cut=cut) == [oracle.inbound_delay(leg, legs) for leg in legs]


@given(st.lists(LEG, max_size=8))
@pytest.mark.slow
def test_the_field_of_unrelated_legs_is_that_of_the_oracle(legs: list[Leg]) -> None:
    assert inbound(legs) == [oracle.inbound_delay(leg, legs) for leg in legs]


@pytest.mark.parametrize(
    ("changes", "known"),
    [
        ({}, 35.0),
        # The flight leaves at 16:00: at 15:00 a leg that lands at 15:00 has landed, one at 15:01 has not.
        ({"arrival_delay": 120.0}, 120.0),
        ({"arrival_delay": 121.0}, 20.0),
        ({"departure_delay": 480.0, "arrival_delay": 490.0}, 480.0),
        ({"departure_delay": 481.0, "arrival_delay": 490.0}, None),
        ({"departure_delay": None, "arrival_delay": None, "reason": CANCELLED}, None),
        # Of a diverted leg only the departure is known; a diversion may come later than the hour before.
        ({"reason": DIVERTED}, 20.0),
        ({"arrival_delay": None}, 20.0),
        ({"destination": "PHX"}, None),
        ({"tail": ""}, None),
        ({"tail": "N2AA"}, None),
        ({"day": LATE_FEBRUARY - datetime.timedelta(1)}, None),
        ({"arrival": None}, None),
    ],
)
def test_the_previous_leg_counts_as_it_is_known_an_hour_before(
    changes: dict[str, Any], known: float | None
) -> None:
    before = replace(BEFORE, **changes)

    assert inbound([FLIGHT, before]) == [known, None]


def test_a_cancelled_leg_hides_the_legs_before_it() -> None:
    # Given an aircraft that came to Los Angeles, and whose legs from there and back were cancelled
    to_phoenix = Leg(
        origin="LAX", destination="PHX", departure=800, arrival=880, departure_delay=None, reason=CANCELLED
    )
    later = replace(FLIGHT, departure=1_000)

    assert inbound([BEFORE, to_phoenix, later])[2] is None


@pytest.mark.parametrize(
    ("day", "departure", "known"),
    [
        # Clocks go from 2:00 to 3:00: 4:00 is three hours after 0:00, 3:59 is less.
        (SPRING, 240, 60.0),
        (SPRING, 239, 10.0),
        # Clocks go from 2:00 back to 1:00: 4:00 is five hours after 0:00.
        (AUTUMN, 240, 60.0),
        (AUTUMN, 121, 60.0),
        (AUTUMN, 119, 10.0),
    ],
)
def test_clocks_that_change_are_counted(day: datetime.date, departure: int, known: float) -> None:
    # Given a leg that is to land at 1:00, after midnight, and lands an hour late
    eve = day - datetime.timedelta(1)
    before = Leg(
        origin="LAX", destination="LAX", day=eve, departure=1_380, arrival=60, departure_delay=10.0,
        arrival_delay=60.0,
    )  # fmt: skip
    flight = Leg(origin="LAX", destination="PHX", day=day, departure=departure, arrival=500)

    assert inbound([before, flight])[1] == known
    assert oracle.inbound_delay(flight, [before, flight]) == known


def test_two_legs_at_the_same_minute_count_only_if_they_are_the_same() -> None:
    again = replace(BEFORE, departure_delay=25.0, arrival_delay=15.0)
    other = replace(BEFORE, destination="PHX")

    assert inbound([BEFORE, again, FLIGHT])[2] == inbound([again, BEFORE, FLIGHT])[2] == 35.0
    assert inbound([BEFORE, other, FLIGHT])[2] is inbound([other, BEFORE, FLIGHT])[2] is None


@pytest.mark.slow
@given(rotations(), st.data())
def test_nothing_that_happens_later_changes_the_field(legs: list[Leg], data: st.DataObject) -> None:
    # Given a flight, and the moment an hour before it
    place = data.draw(st.sampled_from(range(len(legs))))
    flight = legs[place]
    assume(oracle.departure(flight) is not None)
    moment = oracle.known_at(flight)

    # When everything that happens after that moment is another
    changed = [_otherwise(leg, moment, data) for leg in legs]

    # Then the field is the same
    assert inbound(changed)[place] == inbound(legs)[place]


def _otherwise(leg: Leg, moment: datetime.datetime, data: st.DataObject) -> Leg:
    if not _is_after(oracle.arrived(leg), moment):
        return leg
    late = data.draw(st.sampled_from([None, 4_000.0, leg.arrival_delay]))
    changed = replace(
        leg, arrival_delay=late, reason=data.draw(st.sampled_from([USABLE, CANCELLED, DIVERTED]))
    )
    if _is_after(oracle.departed(leg), moment):
        changed = replace(changed, departure_delay=data.draw(st.sampled_from([None, 4_000.0])))
    # A cancelled leg may have an arrival delay, with which it would have landed by then.
    assume(_is_after(oracle.arrived(changed), moment))
    return changed


def _is_after(event: datetime.datetime | None, moment: datetime.datetime) -> bool:
    return event is None or event > moment


def test_the_delay_of_the_flight_itself_is_not_in_its_field() -> None:
    itself = [replace(FLIGHT, departure_delay=late, arrival_delay=late) for late in (0.0, 90.0)]

    assert [inbound([BEFORE, flight])[1] for flight in itself] == [35.0, 35.0]


def test_an_arrival_just_after_that_moment_is_not_read() -> None:
    # Given a leg in the air at 15:00, which lands at 15:01 or later, elsewhere or not at all
    legs = [
        replace(BEFORE, arrival_delay=late, reason=reason)
        for late in (121.0, 150.0, 180.0, 400.0, None)
        for reason in (USABLE, CANCELLED, DIVERTED)
    ]

    # Then its departure delay is all that is known
    assert {inbound([leg, FLIGHT])[1] for leg in legs} == {20.0}
