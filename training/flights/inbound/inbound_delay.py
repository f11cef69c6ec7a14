"""Delay of an aircraft's previous leg, as it is known `KNOWN_BEFORE` minutes before a scheduled departure."""

import numpy as np
from numpy.typing import NDArray

from bundle import Field
from training.flights.inbound.legs import NOWHERE, Legs
from training.flights.inbound.utc_times import NO_UTC
from training.flights.request_fields import KNOWN_BEFORE

# Minutes that an aircraft may stand before its next leg.
LONGEST_STAND = 24 * 60


def inbound_delays(legs: Legs, field: Field, rows: int) -> NDArray[np.float32]:
    """Returns the field of each row of the dataset, NaN where it is not known.

    The previous leg is the last one of the aircraft that was scheduled to depart earlier. It counts when it
    was to end at the airport of the flight, at most `LONGEST_STAND` before it. Its value is its arrival
    delay if it has arrived by then, else its departure delay if it has departed, else nothing. Nothing that
    happened later is read, not even that the leg was diverted or cancelled.

    Args:
        legs: All legs; those scheduled at the same minute for one aircraft count only if they are the same.
        field: The field; a value outside its range becomes NaN.
        rows: Number of rows.
    """
    if not len(legs):
        return np.full(rows, np.nan, dtype=np.float32)
    legs = _in_order(legs)
    previous = _previous(legs)
    followers = np.flatnonzero((previous != NOWHERE) & (legs.place != NOWHERE))
    flights, before = legs.take(followers), legs.take(previous[followers])
    # Differences of whole minutes: the times themselves have more digits than a float32.
    stand = flights.departure - before.arrival.astype(np.int64)
    is_inbound = (
        (before.destination == flights.origin)
        & (before.arrival != NO_UTC)
        & (stand >= 0)
        & (stand <= LONGEST_STAND)
    )
    has_arrived = before.arrival_delay <= stand - KNOWN_BEFORE
    has_departed = before.departure_delay <= flights.departure - before.departure - KNOWN_BEFORE
    known = np.where(
        has_arrived, before.arrival_delay, np.where(has_departed, before.departure_delay, np.nan)
    )
    is_known = is_inbound & (known >= field.lowest) & (known <= field.highest)
    found = np.full(rows, np.nan, dtype=np.float32)
    found[flights.place[is_known]] = known[is_known]
    return found


def _in_order(legs: Legs) -> Legs:
    """Sorts by aircraft and departure; of legs at the same minute, the first to depart comes first."""
    order = np.argsort(_keys(legs))
    key = _keys(legs)[order]
    is_again = key[1:] == key[:-1]
    tied = np.append(is_again, False) | np.append(False, is_again)
    if tied.any():
        some = order[tied]
        order[tied] = some[np.lexsort([legs.arrival_delay[some], legs.departure_delay[some], key[tied]])]
    return legs.take(order)


def _previous(legs: Legs) -> NDArray[np.intp]:
    """The position of the previous leg of each leg in order, `NOWHERE` without one.

    Legs of the same minute have the same previous leg. Those of them that differ in their schedule cannot all
    be right: then none is a previous leg.
    """
    key, count = _keys(legs), len(legs)
    is_first = np.append(True, key[1:] != key[:-1])[:count]
    firsts = np.flatnonzero(is_first)
    group = np.cumsum(is_first) - 1
    is_same = np.ones(len(firsts), dtype=np.bool_)
    for values in (legs.origin, legs.destination, legs.arrival):
        is_same[group[values != values[firsts][group]]] = False
    before = np.append(NOWHERE, firsts[:-1])[: len(firsts)]
    has_one = (before != NOWHERE) & (legs.tail[firsts] == legs.tail[before]) & np.append(False, is_same[:-1])
    return np.asarray(np.where(has_one, before, NOWHERE)[group])


def _keys(legs: Legs) -> NDArray[np.int64]:
    """A number for each aircraft and scheduled departure, in their order."""
    return legs.tail.astype(np.int64) << 32 | (legs.departure.astype(np.int64) + (1 << 31))
