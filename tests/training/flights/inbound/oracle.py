"""Delay of the inbound aircraft, computed row by row in plain Python: the expected values of the tests."""

import datetime
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from tests.training.flights.inbound.planned import CANCELLED, DIVERTED, FIELD, Leg

ZONES = {
    "JFK": "America/New_York",
    "LAX": "America/Los_Angeles",
    "PHX": "America/Phoenix",
    "GUM": "Pacific/Guam",
    "HNL": "Pacific/Honolulu",
}
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
HOUR = 60 * MINUTE


def aircraft(leg: Leg) -> str:
    """The tail number, "" for none."""
    text = (leg.tail or "").strip().upper()
    return "" if text in ("UNKNOW", "000000") else text


def utc(day: datetime.date, minutes: int, airport: str) -> datetime.datetime:
    """The first moment at which clocks at the airport show a time, or the end of the gap that skips it."""
    local = datetime.datetime.combine(day, datetime.time()) + minutes * MINUTE
    while True:
        moment = local.replace(tzinfo=ZoneInfo(ZONES[airport])).astimezone(datetime.UTC)
        if moment.astimezone(ZoneInfo(ZONES[airport])).replace(tzinfo=None) == local:
            return moment
        local += MINUTE


def departure(leg: Leg) -> datetime.datetime | None:
    """The scheduled departure."""
    if leg.day is None or leg.departure is None or leg.origin not in ZONES:
        return None
    return utc(leg.day, leg.departure, leg.origin)


def arrival(leg: Leg) -> datetime.datetime | None:
    """The scheduled arrival, the first one after the departure."""
    departs = departure(leg)
    if departs is None or leg.arrival is None or leg.destination not in ZONES or leg.day is None:
        return None
    moments = [utc(leg.day + later * DAY, leg.arrival, leg.destination) for later in (-1, 0, 1, 2)]
    return next(moment for moment in moments if moment > departs)


def departed(leg: Leg) -> datetime.datetime | None:
    """The actual departure."""
    departs = departure(leg)
    return None if departs is None or leg.departure_delay is None else departs + leg.departure_delay * MINUTE


def arrived(leg: Leg) -> datetime.datetime | None:
    """The actual arrival at the destination."""
    arrives = arrival(leg)
    if arrives is None or leg.arrival_delay is None or leg.reason in (CANCELLED, DIVERTED):
        return None
    return arrives + leg.arrival_delay * MINUTE


def known_at(flight: Leg) -> datetime.datetime:
    """The moment of which the knowledge counts."""
    departs = departure(flight)
    assert departs is not None
    return departs - HOUR


def inbound_delay(flight: Leg, legs: Sequence[Leg]) -> float | None:
    """The delay of the aircraft's previous leg, as it is known then."""
    departs = departure(flight)
    if not aircraft(flight) or departs is None:
        return None
    earlier = [
        (moment, leg)
        for leg in legs
        if aircraft(leg) == aircraft(flight) and (moment := departure(leg)) is not None and moment < departs
    ]
    if not earlier:
        return None
    last = max(moment for moment, _ in earlier)
    candidates = [leg for moment, leg in earlier if moment == last]
    if len({(leg.origin, leg.destination, arrival(leg)) for leg in candidates}) > 1:
        return None
    previous = min(candidates, key=_actual)
    arrives = arrival(previous)
    if previous.destination != flight.origin or arrives is None or not departs - DAY <= arrives <= departs:
        return None
    return _as_known(previous, known_at(flight))


def _actual(leg: Leg) -> tuple[float, float]:
    late = leg.arrival_delay if arrived(leg) else None
    first, then = (float("inf") if delay is None else delay for delay in (leg.departure_delay, late))
    return first, then


def _as_known(leg: Leg, moment: datetime.datetime) -> float | None:
    for event, delay in ((arrived(leg), leg.arrival_delay), (departed(leg), leg.departure_delay)):
        if event is not None and event <= moment:
            return delay if delay is not None and FIELD.lowest <= delay <= FIELD.highest else None
    return None
