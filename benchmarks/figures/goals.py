"""Goals of the benchmark, and verdicts on the results."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from benchmarks.figures.results import BATCH_LOADS, CAPACITY, ROW_LOADS, Load, Record
from benchmarks.figures.verdict import Verdict, at_most
from benchmarks.serving.contender import FASTAPI, FLASK, LOOP, NO_OP, OURS, RIVALS, title

Records = Mapping[str, Record]

FASTEST_BY = {FLASK: 50.0, **dict.fromkeys(RIVALS, 5.0), NO_OP: 0.8}
# Throughput beside FastAPI by the number of connections.
FASTAPI_TIMES = dict(zip(ROW_LOADS, (2.0, 6.0, 8.0), strict=True))
ALONE_MS, ALONE_CPU = 0.16, 140.0
OF_THE_LOOP = 0.9
TAIL = 3.0
READY_SECONDS = 3.0
RESIDENT_MB = 200.0
GROWTH_MB = 5.0


class Ratio(NamedTuple):
    """Throughput of one contender divided by another's: of the medians, with minimum and maximum by round."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.middle:.3g} ({self.least:.3g}-{self.most:.3g})"


def ratio(records: Records, one: str, other: str, load: Load) -> Ratio | None:
    """Returns the throughput of `one` divided by that of `other`; None if either was not measured."""
    ones, others = (_throughputs(records, name, load) for name in (one, other))
    if not ones or not others:
        return None
    rounds = [numerator / denominator for numerator, denominator in zip(ones, others, strict=False)]
    return Ratio(statistics.median(ones) / statistics.median(others), min(rounds), max(rounds))


def verdicts(records: Records, growth: float | None = None) -> list[Verdict]:
    """Returns a verdict on every goal that has results.

    Args:
        records: Results by contender.
        growth: Memory growth of this project over a million requests, in MB.
    """
    found = [*_throughput(records), *_batches(records)]
    if OURS in records:
        found += _one_server(records[OURS])
    if growth is not None:
        found.append(
            Verdict(
                f"growing less than {GROWTH_MB:g} MB over a million requests",
                f"{growth:.1f} MB",
                growth < GROWTH_MB,
            )
        )
    return found


def _throughput(records: Records) -> Iterator[Verdict]:
    for name, bound in FASTEST_BY.items():
        if found := ratio(records, OURS, name, CAPACITY):
            yield Verdict(f"{bound:g} times: {title(name)}", str(found), found.middle >= bound)
    for load, bound in FASTAPI_TIMES.items():
        if found := ratio(records, OURS, FASTAPI, load):
            goal = f"{bound:g} times: {title(FASTAPI)}; connections: {load.connections}"
            yield Verdict(goal, str(found), found.middle >= bound)


def _batches(records: Records) -> Iterator[Verdict]:
    for load in BATCH_LOADS:
        if found := ratio(records, OURS, LOOP, load):
            goal = f"{OF_THE_LOOP:g} of the loop's rows a second, 1,000-row {load.kind.upper()} batches"
            yield Verdict(goal, str(found), found.middle >= OF_THE_LOOP)


def _one_server(record: Record) -> Iterator[Verdict]:
    if (p50 := record.median(ROW_LOADS[0], "p50")) is not None:
        yield at_most("p50 at one connection", p50 / 1e3, ALONE_MS, "ms")
    if (cpu := record.median(ROW_LOADS[0], "cpu")) is not None:
        yield at_most("processor time a request at one connection", cpu, ALONE_CPU, "µs")
    tail = statistics.median(paced.p99 / paced.p50 for paced in record.paced)
    yield Verdict(
        f"p99 at 70 % of capacity at most {TAIL:g} times the median", f"{tail:.1f} times", tail <= TAIL
    )
    ready = max(start.ready for start in record.starts)
    yield Verdict(f"ready in under {READY_SECONDS:g} s", f"{ready:.2f} s at most", ready < READY_SECONDS)
    resident = max(start.resident[0] for start in record.starts)
    yield Verdict(f"under {RESIDENT_MB:g} MB a worker", f"{resident:.0f} MB at most", resident < RESIDENT_MB)


def _throughputs(records: Records, name: str, load: Load) -> Sequence[float]:
    record = records.get(name)
    return [sample.throughput for sample in record.samples.get(load.key, ())] if record else ()
