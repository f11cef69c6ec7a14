"""Model card of the flight delay model, and the slices of its evaluation."""

from typing import Any

from training.data.slices import Slice
from training.flights.request_fields import INBOUND_DELAY, KNOWN_BEFORE, WEATHER
from training.model_card import IfKnown, ModelCard

DEPARTURE_DELAY = ("departure_delay",)

_UNKNOWN = "It knows no incoming aircraft, no crews and no air traffic control, which make most of a bad day."

CARD = ModelCard(
    title="Will a flight arrive 15 minutes late or more?",
    use=(
        "Telling travellers and planners how likely a late arrival is, 15 minutes or more after schedule.",
        "Before push-back, from the schedule alone.",
        IfKnown(fields=WEATHER, statement="Before push-back, with a forecast of the weather."),
        IfKnown(
            fields=INBOUND_DELAY,
            statement=f"{KNOWN_BEFORE} minutes before departure, with the delay of the inbound aircraft.",
        ),
        IfKnown(fields=DEPARTURE_DELAY, statement="After push-back, once the departure delay is known."),
        "Probabilities to weigh against one's own costs; the threshold is only one price of a mistake.",
    ),
    not_for=(
        "Anything on which safety rests, and judging carriers, airports or people.",
        "Cancelled and diverted flights: they are left out, so the answer holds for flights that arrive.",
        "Airports, carriers and years unlike those learned from: there it knows little more than the mean.",
    ),
    limits=(
        IfKnown(
            fields=INBOUND_DELAY,
            statement="It knows no crews and no air traffic control, and of aircraft only the previous leg.",
            otherwise=_UNKNOWN,
        ),
        IfKnown(
            fields=INBOUND_DELAY,
            statement=(
                "Its inbound delays are those of the aircraft that flew: the data do not say which one was "
                "planned an hour before."
            ),
        ),
        IfKnown(
            fields=WEATHER,
            statement="It learned from the weather as it was observed: with a forecast it will be less good.",
            otherwise="Its data had no weather: the weather of a request does not change its prediction.",
        ),
        IfKnown(
            fields=DEPARTURE_DELAY,
            statement="",
            otherwise="Its data had no departure delay: that of a request does not change its prediction.",
        ),
        "The share of late flights moves by five points and more between seasons, its probabilities less.",
    ),
    gaps=(
        "One split by time: the last fifth of the days. Other seasons were only learned from.",
        "The intervals tell how much the tested days differ, not how another year would.",
        "A storm over several days is taken for as many independent days.",
    ),
)


def hour(time: Any) -> str:
    """The hour of a time such as 17:45."""
    return f"{time}"[:2]


def month(day: Any) -> str:
    """The month of a day, such as 2013-10."""
    return f"{day}"[:7]


SLICES = (
    Slice(title="carrier", fields=("carrier",)),
    Slice(
        title="hour of scheduled departure",
        fields=("scheduled_departure",),
        cut=hour,
        most=24,
        in_order=True,
    ),
    Slice(title="route", fields=("origin", "destination"), most=15),
    Slice(title="month", fields=("flight_date",), cut=month, most=24, in_order=True),
)
