"""Results of the measurements, with medians and percentiles."""

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import msgspec

from benchmarks.load.requests import CSV_BATCH, JSON_BATCH, ROW

BATCH_ROWS = 1_000


class Load(msgspec.Struct, frozen=True):
    """Kind of request, and number of kept-alive connections."""

    kind: str
    connections: int

    @property
    def key(self) -> str:
        """Name of the load in the results."""
        return f"{self.kind}/{self.connections}"

    @property
    def rows(self) -> int:
        """Number of rows in a request."""
        return 1 if self.kind == ROW else BATCH_ROWS


ROW_LOADS = (Load(ROW, 1), Load(ROW, 16), Load(ROW, 64))
CAPACITY = ROW_LOADS[-1]
# Enough connections for the server to have the next batch while a response is sent.
BATCH_LOADS = (Load(JSON_BATCH, 4), Load(CSV_BATCH, 4))
LOADS = ROW_LOADS + BATCH_LOADS


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one server under one load in one round.

    Attributes:
        throughput: Requests per second.
        p50: Median latency, in microseconds.
        p99: 99th percentile of the latency, in microseconds.
        cpu: Processor time of the server's processes per request, in microseconds.
        busy: Share of its core that the server used.
    """

    throughput: float
    p50: float
    p99: float
    cpu: float
    busy: float

    @classmethod
    def of(cls, *, requests: int, seconds: float, cpu_seconds: float, p50: float, p99: float) -> Self:
        """Computes a sample from counts and times."""
        return cls(
            throughput=requests / seconds,
            p50=p50,
            p99=p99,
            cpu=cpu_seconds / requests * 1e6,
            busy=cpu_seconds / seconds,
        )


class Paced(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one server at a constant rate in one round.

    Attributes:
        rate: Scheduled requests per second.
        p50: Median latency from the scheduled time of a request, in microseconds.
        p99: 99th percentile of the latency, in microseconds.
        calm_p99: Median of the 99th percentiles of each quarter of a second, in microseconds: without the
            pauses in which the machine has stopped the server.
        late: 99th percentile of the generator's delay, in microseconds.
        stalls: How often the generator itself was stopped for two milliseconds or more.
    """

    rate: float
    p50: float
    p99: float
    calm_p99: float
    late: float
    stalls: int


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """One start of a server.

    Attributes:
        ready: Seconds from the start of the process to the first correct response.
        resident: Resident memory of each process after all loads, in MB, largest first.
    """

    ready: float
    resident: list[float]


class Record(msgspec.Struct, kw_only=True):
    """Results of one contender by round."""

    samples: dict[str, list[Sample]] = {}
    paced: list[Paced] = []
    starts: list[Start] = []

    def median(self, load: Load, figure: str = "throughput") -> float | None:
        """Returns the median over the rounds; None if the load was not measured."""
        samples = self.samples.get(load.key)
        return statistics.median(getattr(sample, figure) for sample in samples) if samples else None

    def extent(self, load: Load) -> tuple[float, float]:
        """Returns the minimum and maximum throughput of the rounds."""
        values = [sample.throughput for sample in self.samples[load.key]]
        return min(values), max(values)


class Run(msgspec.Struct, kw_only=True):
    """Results of a whole run.

    Attributes:
        date: Day of the run.
        machine: Description of processor, cores and versions.
        model: Name and version of the model.
        rounds: Number of rounds.
        seconds: Duration of each load.
        records: Results by contender.
        skipped: Reason by name of a skipped contender.
        failed: Error message by name of a failed contender.
        growth: Memory growth of this project over a million requests, in MB; None if not measured.
    """

    date: str
    machine: str
    model: str
    rounds: int
    seconds: int
    records: dict[str, Record]
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}
    growth: float | None = None


def median(items: Iterable[Any], figure: Callable[[Any], float]) -> float:
    """Returns the median of a figure of the items."""
    return statistics.median(map(figure, items))


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the smallest value that `share` percent of the values do not exceed, without interpolation."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]
