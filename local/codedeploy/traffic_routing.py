"""Traffic routing of deployment configurations: the steps in which an alias is shifted.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_MINUTE_SECONDS = 60
_ALL = 100

# A trafficRoutingConfig of the API.
TrafficRouting = Mapping[str, Any]


class Step(NamedTuple):
    """One step: the percentage of the traffic that the new version gets, and the wait after it in seconds."""

    percentage: int
    wait: int


def canary(percentage: int, minutes: int) -> TrafficRouting:
    """Returns a routing in two steps."""
    return {
        "type": "TimeBasedCanary",
        "timeBasedCanary": {"canaryPercentage": percentage, "canaryInterval": minutes},
    }


def linear(percentage: int, minutes: int) -> TrafficRouting:
    """Returns a routing in equal steps."""
    return {
        "type": "TimeBasedLinear",
        "timeBasedLinear": {"linearPercentage": percentage, "linearInterval": minutes},
    }


_PREFIX = "CodeDeployDefault.Lambda"
PREDEFINED: Mapping[str, TrafficRouting] = {
    f"{_PREFIX}AllAtOnce": {"type": "AllAtOnce"},
    **{f"{_PREFIX}Canary10Percent{minutes}Minutes": canary(10, minutes) for minutes in (5, 10, 15, 30)},
    **{
        f"{_PREFIX}Linear10PercentEvery{minutes}Minute{'s' * (minutes > 1)}": linear(10, minutes)
        for minutes in (1, 2, 3, 10)
    },
}


def steps(routing: TrafficRouting) -> Sequence[Step]:
    """Returns the steps of a routing; the last one is 100 %, without a wait."""
    if routing["type"] == "TimeBasedCanary":
        config = routing["timeBasedCanary"]
        first = Step(config["canaryPercentage"], config["canaryInterval"] * _MINUTE_SECONDS)
        return [first, Step(_ALL, 0)]
    if routing["type"] == "TimeBasedLinear":
        config = routing["timeBasedLinear"]
        size, wait = config["linearPercentage"], config["linearInterval"] * _MINUTE_SECONDS
        return [*(Step(part, wait) for part in range(size, _ALL, size)), Step(_ALL, 0)]
    return [Step(_ALL, 0)]
