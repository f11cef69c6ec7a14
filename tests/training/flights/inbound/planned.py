"""Made-up legs of aircraft, as cleaned rows, and what hypothesis draws them from."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from training.flights.cleaning import REASONS, USABLE
from training.flights.inbound.inbound_delay import inbound_delays
from training.flights.inbound.legs import LegCollector
from training.flights.request_fields import FIELDS

[FIELD] = (field for field in FIELDS if field.name == "inbound_delay")
CANCELLED, DIVERTED = REASONS.index("cancelled") + 1, REASONS.index("diverted") + 1
# XXX has no known zone; Phoenix has no summer time, Guam is beyond the date line.
AIRPORTS = ("JFK", "LAX", "PHX", "GUM", "HNL", "XXX")
# Clocks go forward on 11 March and back on 4 November.
DAYS = tuple(
    datetime.date(2018, month, day) for month, day in ((2, 28), (3, 1), (3, 10), (3, 11), (11, 3), (11, 4))
)


@dataclass(frozen=True, kw_only=True)
class Leg:
    """A leg as a file has it; times are local minutes since midnight."""

    tail: str | None = "N1AA"
    origin: str = "JFK"
    destination: str = "LAX"
    day: datetime.date | None = DAYS[0]
    departure: int | None = 600
    arrival: int | None = 780
    departure_delay: float | None = 0.0
    arrival_delay: float | None = 0.0
    reason: int = USABLE


_MINUTES = st.one_of(st.none(), st.integers(0, 47).map(lambda half: 30 * half), st.integers(0, 1439))
_DELAYS = st.one_of(st.none(), st.integers(-40, 400).map(float), st.just(5_000.0))
LEG = st.builds(
    Leg,
    tail=st.sampled_from(("N1AA", " n1aa", "N1AA", "N2AA", "", "UNKNOW", "000000", None)),
    origin=st.sampled_from(AIRPORTS),
    destination=st.sampled_from(AIRPORTS),
    day=st.one_of(st.sampled_from(DAYS), st.sampled_from(DAYS), st.none()),
    departure=_MINUTES,
    arrival=_MINUTES,
    departure_delay=_DELAYS,
    arrival_delay=_DELAYS,
    reason=st.sampled_from((USABLE, USABLE, USABLE, CANCELLED, DIVERTED)),
)


@st.composite
def rotations(draw: st.DrawFn) -> list[Leg]:
    """Legs, most of which begin where the one before them ends, a few hours later; in any order."""
    legs: list[Leg] = []
    day, minute, at = draw(st.sampled_from(DAYS)), draw(st.integers(0, 1439)), draw(st.sampled_from(AIRPORTS))
    for drawn in draw(st.lists(LEG, min_size=2, max_size=8)):
        if draw(st.integers(0, 5)):
            minute += draw(st.integers(0, 300))
            day, minute = day + datetime.timedelta(minute // 1440), minute % 1440
            leg = Leg(
                origin=at,
                destination=drawn.destination,
                day=day,
                departure=minute,
                arrival=(minute + draw(st.integers(0, 240))) % 1440,
                departure_delay=drawn.departure_delay,
                arrival_delay=drawn.arrival_delay,
                reason=drawn.reason,
            )
            at = leg.destination
            legs.append(leg)
        else:
            legs.append(drawn)
    if draw(st.booleans()):
        legs.append(draw(st.sampled_from(legs)))
    return draw(st.permutations(legs))


def inbound(legs: Sequence[Leg], *, cut: int = 0) -> list[float | None]:
    """The field of each leg, usable or not; the rows come in two batches that end at `cut`."""
    collector = LegCollector()
    for first, part in ((0, legs[:cut]), (cut, legs[cut:])):
        places = np.arange(first, first + len(part), dtype=np.int32)
        collector.add(_batch(part), places)
    found = inbound_delays(collector.legs(), FIELD, len(legs))
    return [None if np.isnan(value) else float(value) for value in found]


def _batch(legs: Sequence[Leg]) -> pa.RecordBatch:
    kinds: dict[str, Any] = {
        **dict.fromkeys(("tail", "origin", "destination"), pa.string()),
        "day": pa.date32(),
        **dict.fromkeys(("departure", "arrival"), pa.int16()),
        **dict.fromkeys(("departure_delay", "arrival_delay"), pa.float64()),
        "reason": pa.int8(),
    }
    columns = {
        _NAMES.get(name, name): pa.array([getattr(leg, name) for leg in legs], kind)
        for name, kind in kinds.items()
    }
    return pa.record_batch(columns)


_NAMES = {
    "tail": "tail_number",
    "day": "flight_date",
    "departure": "scheduled_departure",
    "arrival": "scheduled_arrival",
}
