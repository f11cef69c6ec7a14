"""Tables of the results in Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.figures.goals import Records, ratio, verdicts
from benchmarks.figures.results import BATCH_LOADS, CAPACITY, ROW_LOADS, Load, Record, Run, median
from benchmarks.serving.contender import LOOP, OURS, title

_BUSY = 0.9
_EMPTY = "-"

Cells = Sequence[str]


def markdown(run: Run) -> str:
    """Returns the tables of a run."""
    records = run.records
    reasons = sorted((run.skipped | run.failed).items())
    return "\n\n".join(
        [
            "# The serving process and its rivals",
            _introduction(run),
            "## One row a request",
            table(_rows(records)),
            *_busy(records),
            "## Throughput of this project in units of the others'",
            table(_ratios(records)),
            "## Batches of 1,000 rows",
            table(_batches(records)),
            "## At 70 % of its own capacity, at a constant rate; and its processes",
            table(_paced(records)),
            "## Goals",
            table(_goals(run)),
            *(f"Not measured: {title(name)}: {sentence}" for name, sentence in reasons),
        ]
    )


def _introduction(run: Run) -> str:
    return (
        f"{run.date}, {run.machine}. Model {run.model}. Interleaved rounds: {run.rounds}, each load for "
        f"{run.seconds} s; medians, in brackets the least and the most. Each server has one core for all its "
        "processes, the load has another."
    )


def table(rows: Iterable[Cells], *, texts: int = 0) -> str:
    """Formats rows, the heading first; all columns except the first and the last `texts` contain numbers."""
    heading, *lines = rows
    rule = ["---", *["---:"] * (len(heading) - 1 - texts), *["---"] * texts]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, rule, *lines))


def _rows(records: Records) -> Iterator[Cells]:
    counts = " / ".join(str(load.connections) for load in ROW_LOADS)
    yield (
        "connections",
        *(f"{load.connections}: requests/s" for load in ROW_LOADS),
        f"{counts}: p50 ms",
        f"{counts}: p99 ms",
        f"{counts}: CPU µs a request",
    )
    for name, record in _fastest_first(records):
        yield (
            title(name),
            *(_throughput(record, load) for load in ROW_LOADS),
            *(
                _each(record, "p50", 1e-3, ".2f"),
                _each(record, "p99", 1e-3, ".2f"),
                _each(record, "cpu", 1, ".0f"),
            ),
        )


def _busy(records: Records) -> list[str]:
    idle = [
        f"{title(name)} ({busy:.0%})"
        for name, record in _fastest_first(records)
        if (busy := record.median(CAPACITY, "busy")) is not None and busy < _BUSY
    ]
    limit = (
        "Not all of the core was used at 64 connections: the load, or other work on the machine, was the "
        "limit, and processor time a request is the figure to compare. The shares used: "
    )
    return [f"{limit}{', '.join(idle)}."] if idle else []


def _ratios(records: Records) -> Iterator[Cells]:
    yield "connections", *(str(load.connections) for load in ROW_LOADS), "64, by CPU time"
    for name, record in _fastest_first(records):
        if name not in (OURS, LOOP) and OURS in records:
            by_cpu = (record.median(CAPACITY, "cpu") or 0) / (records[OURS].median(CAPACITY, "cpu") or 1)
            yield (
                title(name),
                *(_cell(ratio(records, OURS, name, load)) for load in ROW_LOADS),
                f"{by_cpu:.3g}",
            )


def _batches(records: Records) -> Iterator[Cells]:
    yield (
        "",
        *(f"{load.kind.upper()}: rows/s" for load in BATCH_LOADS),
        *(f"{load.kind.upper()}: of the loop" for load in BATCH_LOADS),
        *(f"{load.kind.upper()}: CPU µs a row" for load in BATCH_LOADS),
    )
    for name, record in _fastest_first(records):
        if any(load.key in record.samples for load in BATCH_LOADS):
            yield (
                title(name),
                *(_throughput(record, load) for load in BATCH_LOADS),
                *(_cell(ratio(records, name, LOOP, load)) for load in BATCH_LOADS),
                *(_per_row(record, load) for load in BATCH_LOADS),
            )


def _paced(records: Records) -> Iterator[Cells]:
    yield (
        "",
        "requests/s",
        "p50 ms",
        "p99 ms",
        "p99 / p50",
        "p99 ms of 0.25 s",
        "load late ms",
        "load stalls",
        "ready s",
        "MB of each process",
    )
    for name, record in _fastest_first(records):
        if record.paced:
            yield (
                title(name),
                f"{median(record.paced, lambda paced: paced.rate):,.0f}",
                f"{median(record.paced, lambda paced: paced.p50 / 1e3):.2f}",
                f"{median(record.paced, lambda paced: paced.p99 / 1e3):.2f}",
                f"{median(record.paced, lambda paced: paced.p99 / paced.p50):.1f}",
                f"{median(record.paced, lambda paced: paced.calm_p99 / 1e3):.2f}",
                f"{median(record.paced, lambda paced: paced.late / 1e3):.2f}",
                f"{median(record.paced, lambda paced: paced.stalls):g}",
                f"{median(record.starts, lambda start: start.ready):.2f}",
                " + ".join(f"{size:.0f}" for size in record.starts[-1].resident),
            )


def _goals(run: Run) -> Iterator[Cells]:
    yield "goal", "measured", "met"
    for verdict in verdicts(run.records, run.growth):
        yield verdict.goal, verdict.measured, "yes" if verdict.met else "no"


def _fastest_first(records: Records) -> list[tuple[str, Record]]:
    return sorted(
        records.items(), key=lambda item: -(item[1].median(CAPACITY) or item[1].median(ROW_LOADS[0]) or 0)
    )


def _throughput(record: Record, load: Load) -> str:
    middle = record.median(load)
    if middle is None:
        return _EMPTY
    least, most = record.extent(load)
    return f"{middle * load.rows:,.0f} ({least * load.rows:,.0f}-{most * load.rows:,.0f})"


def _each(record: Record, figure: str, scale: float, form: str) -> str:
    values = [record.median(load, figure) for load in ROW_LOADS]
    return " / ".join(f"{value * scale:{form}}" for value in values if value is not None)


def _per_row(record: Record, load: Load) -> str:
    value = record.median(load, "cpu")
    return _EMPTY if value is None else f"{value / load.rows:.1f}"


def _cell(value: object) -> str:
    return _EMPTY if value is None else str(value)
