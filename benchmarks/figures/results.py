"""Results of the measurements, and their medians and percentiles."""

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
        """Its name among results."""
        return f"{self.kind}/{self.connections}"

    @property
    def rows(self) -> int:
        """Rows a request."""
        return 1 if self.kind == ROW else BATCH_ROWS


ROW_LOADS = (Load(ROW, 1), Load(ROW, 16), Load(ROW, 64))
CAPACITY = ROW_LOADS[-1]
# Enough for the server to have the next batch while one is on its way.
BATCH_LOADS = (Load(JSON_BATCH, 4), Load(CSV_BATCH, 4))
LOADS = ROW_LOADS + BATCH_LOADS


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One server under one load, once.

    Attributes:
        throughput: Requests a second.
        p50: Median latency, in microseconds.
        p99: The latency that 1 in 100 exceeds, in microseconds.
        cpu: Processor time of the server's processes a request, in microseconds.
        busy: Share of its core that the server used.
    """

    throughput: float
    p50: float
    p99: float
    cpu: float
    busy: float

    @classmethod
    def of(cls, *, requests: int, seconds: float, cpu_seconds: float, p50: float, p99: float) -> Self:
        """A sample from what was counted."""
        return cls(
            throughput=requests / seconds,
            p50=p50,
            p99=p99,
            cpu=cpu_seconds / requests * 1e6,
            busy=cpu_seconds / seconds,
        )


class Paced(msgspec.Struct, frozen=True, kw_only=True):
    """One server at a constant rate, once.

    Attributes:
        rate: Requests a second that were due.
        p50: Median latency from when a request was due, in microseconds.
        p99: The latency that 1 in 100 exceeds, in microseconds.
        late: How late the generator itself was in 1 of 100 requests, in microseconds.
    """

    rate: float
    p50: float
    p99: float
    late: float


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """One start of a server.

    Attributes:
        ready: Seconds from the start of the process to the first right answer.
        resident: Resident memory of each process after all loads, in MB, largest first.
    """

    ready: float
    resident: list[float]


class Record(msgspec.Struct, kw_only=True):
    """Everything measured of one contender, round by round."""

    samples: dict[str, list[Sample]] = {}
    paced: list[Paced] = []
    starts: list[Start] = []

    def median(self, load: Load, figure: str = "throughput") -> float | None:
        """Over the rounds; None when it was not measured."""
        samples = self.samples.get(load.key)
        return statistics.median(getattr(sample, figure) for sample in samples) if samples else None

    def extent(self, load: Load) -> tuple[float, float]:
        """Smallest and largest throughput of the rounds."""
        values = [sample.throughput for sample in self.samples[load.key]]
        return min(values), max(values)


class Run(msgspec.Struct, kw_only=True):
    """A whole run.

    Attributes:
        date: Its day.
        machine: Processor, cores and versions, in words.
        model: Name and version of the model.
        rounds: How often each contender was measured.
        seconds: How long each load lasted.
        records: What was measured, by contender.
        skipped: Why a contender was not run, by its name.
        failed: Why a contender failed, by its name.
        growth: By how many MB this project's memory grew over a million requests; None when not asked for.
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


def median(things: Iterable[Any], figure: Callable[[Any], float]) -> float:
    """Returns the median of a figure of each thing."""
    return statistics.median(map(figure, things))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` percent of the values do not exceed: one of them, nothing in between."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]
