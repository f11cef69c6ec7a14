"""What a front process has counted, as a value that can be sent to another process and added up."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Self

import msgspec


class HistogramCounts(NamedTuple):
    """The counts of a histogram.

    Attributes:
        buckets: Number of values in each bucket, without those below it.
        sum: Sum of all values.
    """

    buckets: tuple[int, ...]
    sum: float

    def plus(self, other: Self) -> "HistogramCounts":
        """Returns the sum of the counts of two histograms with the same buckets."""
        buckets = zip(self.buckets, other.buckets, strict=True)
        return HistogramCounts(tuple(map(sum, buckets)), self.sum + other.sum)


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Counters and gauges of a front process; `serving.http.metrics` says what they mean.

    Attributes:
        responses: Number of responses by route and status.
        latency: Seconds of the responses to predictions.
        batches: Requests of each batch.
        rows: Number of predictions.
        warnings: Number of warnings by kind.
        restarts: Workers started to replace others.
        failures: Requests that the model failed on.
        gauges: Values of the gauges, in their order; empty for a process that has ended.
        models: Name and version of each loaded model.
    """

    responses: dict[tuple[str, int], int]
    latency: HistogramCounts
    batches: HistogramCounts
    rows: int
    warnings: dict[str, int]
    restarts: int
    failures: int
    gauges: tuple[float, ...]
    models: list[tuple[str, str]]

    def without_gauges(self) -> "Counts":
        """Returns what remains of a process that has ended."""
        return msgspec.structs.replace(self, gauges=(), models=[])


def total(parts: Sequence[Counts]) -> Counts:
    """Returns the sum of the counts of one or more processes."""
    first, *others = parts
    latency, batches = first.latency, first.batches
    for other in others:
        latency, batches = latency.plus(other.latency), batches.plus(other.batches)
    gauges = [part.gauges for part in parts if part.gauges]
    return Counts(
        responses=dict(sum((Counter(part.responses) for part in parts), Counter())),
        latency=latency,
        batches=batches,
        rows=sum(part.rows for part in parts),
        warnings=dict(sum((Counter(part.warnings) for part in parts), Counter())),
        restarts=sum(part.restarts for part in parts),
        failures=sum(part.failures for part in parts),
        gauges=tuple(map(sum, zip(*gauges, strict=True))),
        models=sorted({model for part in parts for model in part.models}),
    )
