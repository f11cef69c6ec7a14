"""The durations of all steps of each request, from the stamps of the client and of the server."""

import statistics
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from benchmarks.errors import BenchmarkError
from benchmarks.steps.stamps import Stamp
from benchmarks.steps.step import POINTS

# Share of the requests, in order of their round trips, that the means leave out at each end.
_LEFT_OUT = 0.4


class RoundTrip(NamedTuple):
    """When the client began to send a request and when it had read the response, in ns."""

    begin: int
    end: int

    @property
    def microseconds(self) -> float:
        """Duration of the round trip, in µs."""
        return (self.end - self.begin) / 1e3


class StepDurations(NamedTuple):
    """Durations of the steps of a request in µs, in order; they add up to its round trip."""

    steps: tuple[float, ...]

    @property
    def microseconds(self) -> float:
        """Its round trip."""
        return sum(self.steps)


def durations_of(trips: Iterable[RoundTrip], stamps: Iterable[Stamp]) -> Iterator[StepDurations]:
    """Yields the durations of each request that reached every point once, in order.

    Other requests met something else on their way, such as a self-test of the worker, and are left out.

    Args:
        trips: Round trips of the client, one at a time.
        stamps: Stamps of all processes of the server, in any order.
    """
    found = sorted(stamps)
    for begin, end in trips:
        own = found[bisect_right(found, (begin, "")) : bisect_left(found, (end, ""))]
        if tuple(stamp.point for stamp in own) == POINTS[1:-1]:
            times = [begin, *(stamp.time for stamp in own), end]
            yield StepDurations(tuple((after - before) / 1e3 for before, after in pairwise(times)))


def typical(found: Sequence[StepDurations]) -> StepDurations:
    """Returns the mean durations of the fifth of the requests around the median of the round trips.

    Means of the same requests add up to their round trip, which medians of the steps would not.

    Raises:
        BenchmarkError: When there are fewer than ten requests.
    """
    if len(found) < 10:
        raise BenchmarkError(f"only {len(found)} requests reached every point of the server in order.")
    ordered = sorted(found, key=lambda request: request.microseconds)
    cut = round(len(ordered) * _LEFT_OUT)
    middle = ordered[cut:-cut]
    return StepDurations(
        tuple(map(statistics.fmean, zip(*(request.steps for request in middle), strict=True)))
    )
