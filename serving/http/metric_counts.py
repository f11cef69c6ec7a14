"""Counts of a front process, as a value that can be sent to another process and added up."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Self

import msgspec

LATENCY_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
BATCH_BUCKETS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)


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


class DirectCounts(NamedTuple):
    """Counts of predictions that a worker has sent itself, all with the status 200.

    Attributes:
        latency: Seconds of the responses.
        batches: Requests of each batch.
        rows: Number of predictions.
        warnings: Number of warnings by kind.
    """

    latency: HistogramCounts
    batches: HistogramCounts
    rows: int
    warnings: dict[str, int]

    @property
    def responses(self) -> int:
        """Number of responses."""
        return sum(self.latency.buckets)


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
        """Returns the counts that remain of a process that has ended."""
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
