"""`python -m benchmarks.overview [NAME...]`: runs all benchmarks, and prints their goals in one table."""

import argparse
import datetime
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures.tables import table
from benchmarks.figures.verdict import Verdict, read_verdicts
from benchmarks.machine import host
from benchmarks.overview.benchmark import BENCHMARKS, Benchmark
from terminal_output import escape_unencodable_output

RESULTS = Path(__file__).parents[1] / "results" / "README.md"
FAILED, INTERRUPTED = 1, 130


class Outcome(NamedTuple):
    """Exit code, duration and verdicts of one benchmark."""

    code: int
    seconds: float
    verdicts: Sequence[Verdict]


def main(
    arguments: Sequence[str] | None = None, benchmarks: Sequence[Benchmark] = BENCHMARKS, out: Path = RESULTS
) -> int:
    """Runs the benchmarks one after the other; writes the table of a run with all of them.

    Returns:
        0 when every benchmark succeeded, 1 when one failed, 130 when interrupted; goals may be
        missed.
    """
    chosen = _chosen(arguments, benchmarks)
    try:
        with tempfile.TemporaryDirectory() as folder:
            outcomes = {one.title: _run(one, Path(folder) / f"{one.title}.json") for one in chosen}
    except KeyboardInterrupt:
        return INTERRUPTED
    text = _markdown(outcomes)
    print(text)
    has_failed = any(outcome.code for outcome in outcomes.values())
    if len(chosen) == len(benchmarks) and not has_failed:
        out.write_text(f"{text}\n", encoding="utf-8")
    return FAILED if has_failed else 0


def _run(benchmark: Benchmark, path: Path) -> Outcome:
    print(f"== {benchmark.title}", file=sys.stderr, flush=True)
    start = time.monotonic()
    # Its own tables go to standard error too, so that standard output has the overview alone.
    code = subprocess.run(benchmark.command(path), stdout=sys.stderr, check=False).returncode
    return Outcome(code, time.monotonic() - start, read_verdicts(path))


def _markdown(outcomes: Mapping[str, Outcome]) -> str:
    seconds = sum(outcome.seconds for outcome in outcomes.values())
    failed = [title for title, outcome in outcomes.items() if outcome.code]
    introduction = (
        f"{datetime.datetime.now(datetime.UTC).date()}, {host.describe()}. One run of {seconds / 60:.0f} "
        "minutes; each file beside this one has the tables of one benchmark."
    )
    return "\n".join(
        [
            "# Goals of all benchmarks",
            "",
            introduction,
            "",
            table(_rows(outcomes)),
            *(["", f"Failed: {', '.join(failed)}."] if failed else []),
        ]
    )


def _rows(outcomes: Mapping[str, Outcome]) -> Iterator[Sequence[str]]:
    yield "benchmark", "goal", "measured", "met"
    for title, outcome in outcomes.items():
        for verdict in outcome.verdicts:
            yield title, verdict.goal, verdict.measured, "yes" if verdict.met else "no"


def _chosen(arguments: Sequence[str] | None, benchmarks: Sequence[Benchmark]) -> list[Benchmark]:
    titles = [one.title for one in benchmarks]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.overview", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        choices=[*titles, []],
        help=f"{', '.join(titles)} (default: all)",
    )
    names = parser.parse_args(arguments).names or titles
    return [one for one in benchmarks if one.title in names]


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
