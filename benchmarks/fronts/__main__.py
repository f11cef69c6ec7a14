"""`python -m benchmarks.fronts`: throughput and processor time with more and more workers and fronts.

The load has a quarter of the cores to itself, one at least, and the server the others. A row of the table in
which the load is busy for more than 90 % of its cores measures the load and not the server.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.fronts.server_on_cores import ServerOnCores
from benchmarks.load import wrk
from benchmarks.load.requests import JSON, Request
from benchmarks.machine import host
from bundle import Bundle, BundleError, read_archive, read_directory
from terminal_output import escape_unencodable_output

SELF_CHECK_MODEL = Path(__file__).parents[2] / "serving" / "selfcheck" / "model"
FAILED, INTERRUPTED = 1, 130
HEADER = (
    "| workers | fronts | requests/s | times the first | µs a request: fronts | workers | parent "
    "| connections of a front | load's cores busy | MB |"
)


class Row(NamedTuple):
    """Results of one round with some workers and fronts; processor times in µs a request."""

    workers: int
    fronts: int
    throughput: float
    front_time: float
    worker_time: float
    parent_time: float
    fewest: int
    most: int
    load_busy: float
    memory: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints the table.

    Returns:
        0 when everything was measured, 1 when something failed, 130 when interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        host.check()
        bundle = read_archive(options.bundle) if options.bundle else read_directory(SELF_CHECK_MODEL)
        rows = _measure(options, bundle)
    except (BenchmarkError, BundleError) as error:
        print(f"python -m benchmarks.fronts: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    print(markdown(rows))
    return 0


def split_cores(cores: Sequence[int]) -> tuple[list[int], list[int]]:
    """Returns the cores of the server and those of the load, a quarter of all and one at least."""
    count = max(len(cores) // 4, 1)
    return list(cores[:-count]), list(cores[-count:])


def _measure(options: argparse.Namespace, bundle: Bundle) -> list[list[Row]]:
    """Returns the rounds of each number of workers and fronts; every round measures all of them."""
    server, load = split_cores(sorted(os.sched_getaffinity(0)))
    counts = options.workers or sorted({1, 2, 4, 8, 11} & set(range(1, len(server) + 1)) | {len(server)})
    cases = [(workers, fronts) for workers in counts for fronts in options.fronts or [None]]
    rounds: dict[tuple[int, int | None], list[Row]] = {case: [] for case in cases}
    for number in range(options.rounds):
        for workers, fronts in cases:
            if fronts and fronts > workers:
                continue
            print(f"round {number + 1}: {workers} workers ...", file=sys.stderr)
            rounds[workers, fronts].append(
                _measure_one(options, bundle, workers=workers, fronts=fronts, server=server, load=load)
            )
    return [rows for rows in rounds.values() if rows]


def _measure_one(
    options: argparse.Namespace,
    bundle: Bundle,
    *,
    workers: int,
    fronts: int | None,
    server: list[int],
    load: list[int],
) -> Row:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if options.bundle:
            shutil.unpack_archive(options.bundle, folder / "model", format="gztar", filter="data")
        else:
            shutil.copytree(SELF_CHECK_MODEL, folder / "model")
        script = folder / "load.lua"
        script.write_text(wrk.script(_requests(bundle)), encoding="utf-8")
        with ServerOnCores(folder, cores=_listed(server), workers=workers, fronts=fronts) as running:
            generator = wrk.Generator(running.port, script, connections=options.connections, cores=load)
            idle = running.descriptors()
            generator.send(1)
            before = running.cpu_seconds()
            with generator.sending(options.seconds) as sending:
                busy_descriptors = running.descriptors()
                outcome, busy = sending()
            after, memory = running.cpu_seconds(), running.memory()
    held = [now - then for now, then in zip(busy_descriptors, idle, strict=True)]
    times = {role: (after[role] - before[role]) / outcome.requests * 1e6 for role in after}
    return Row(
        workers,
        len(held),
        outcome.requests / outcome.seconds,
        times["fronts"],
        times["workers"],
        times["parent"],
        min(held),
        max(held),
        busy,
        memory,
    )


def _requests(bundle: Bundle) -> list[Request]:
    bodies = [msgspec.json.encode(golden.instance).decode() for golden in bundle.manifest.golden]
    return [Request(path="/invocations", content_type=JSON, body=body) for body in bodies]


def _listed(cores: Sequence[int]) -> str:
    return ",".join(map(str, cores))


def markdown(measured: Sequence[Sequence[Row]]) -> str:
    """Returns the table of the medians; each item of `measured` has the rounds of one row."""
    medians = [Row(*(median(values) for values in zip(*rounds, strict=True))) for rounds in measured]
    lines = [HEADER, "| ---: " * HEADER.count(" |") + "|"]
    lines += [
        f"| {row.workers:g} | {row.fronts:g} | {row.throughput:,.0f} "
        f"| {row.throughput / medians[0].throughput:.2f} "
        f"| {row.front_time:.1f} | {row.worker_time:.1f} | {row.parent_time:.2f} "
        f"| {row.fewest:g} to {row.most:g} | {row.load_busy:.0%} | {row.memory:,.0f} |"
        for row in medians
    ]
    return "\n".join([f"{host.describe()}", "", *lines])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fronts", description=__doc__)
    parser.add_argument(
        "--bundle", type=Path, help="bundle to serve (default: the model of the image's check)"
    )
    parser.add_argument("--workers", type=int, nargs="+", help="numbers of workers (default: 1, 2, 4, 8, 11)")
    parser.add_argument("--fronts", type=int, nargs="+", help="numbers of fronts (default: the server's own)")
    parser.add_argument("--connections", type=int, default=64, help="connections of the load (default: 64)")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds (default: 3)")
    parser.add_argument("--seconds", type=int, default=5, help="seconds of each load (default: 5)")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
