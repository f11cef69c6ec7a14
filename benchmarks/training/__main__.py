"""`python -m benchmarks.training [NAME...]`: compares trainings from a CSV of a year's flights."""

import argparse
import datetime
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.figures.tables import table
from benchmarks.figures.verdict import (
    Verdict,
    add_verdicts_argument,
    at_least,
    at_most,
    write_verdicts,
)
from benchmarks.machine import host
from benchmarks.training.contenders import CONTENDERS, SCHEDULE, WITH_DELAY, Quality
from benchmarks.training.flights_csv import YEAR_ROWS, write_flights
from benchmarks.training.trial import Trial, run
from terminal_output import escape_unencodable_output
from training.progress import Progress

RESULTS = Path(__file__).parents[1] / "results" / "training.md"
OURS = "ours"
# Goals for a year: memory, and seconds of each rival in units of ours.
MOST_MB, TIMES = 1_200, 2
FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark and prints the tables; writes the results of a run with all contenders and flights.

    Returns:
        0 when every training succeeded, 1 when one failed, 130 when interrupted.
    """
    options = _parser().parse_args(arguments)
    names = options.names or list(CONTENDERS)
    try:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            trials = _measure(names, options, Path(folder))
    except BenchmarkError as error:
        print(f"python -m benchmarks.training: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    text = _markdown(trials, options)
    print(text)
    write_verdicts(options.verdicts, _verdicts(trials))
    if names == list(CONTENDERS) and options.rows == YEAR_ROWS:
        RESULTS.write_text(f"{text}\n", encoding="utf-8")
    return 0


def _measure(names: Sequence[str], options: argparse.Namespace, folder: Path) -> dict[str, list[Trial]]:
    progress = Progress(sys.stderr)
    progress.step(f"writing {options.rows:,} flights")
    csv = folder / "flights.csv"
    write_flights(csv, rows=options.rows, years=options.years)
    progress.step(f"{csv.stat().st_size / 1e6:,.0f} MB of CSV")
    trials = defaultdict(list)
    for number in range(options.rounds):
        for name in names:
            progress.step(f"round {number + 1} of {options.rounds}: {name}")
            trials[name].append(run(CONTENDERS[name].command(csv, folder / name)))
    progress.step("done")
    return trials


def _markdown(trials: Mapping[str, Sequence[Trial]], options: argparse.Namespace) -> str:
    medians = {name: _medians(runs) for name, runs in trials.items()}
    first = next(iter(medians.values()))
    rows = [
        [
            CONTENDERS[name].title,
            f"{seconds:.0f}",
            f"{seconds / first[0]:.2g}",
            f"{cpu:.0f}",
            f"{megabytes:,.0f}",
            f"{megabytes / first[2]:.2g}",
            *_quality(CONTENDERS[name].quality(trials[name][-1].printed)),
        ]
        for name, (seconds, cpu, megabytes) in medians.items()
    ]
    heading = (
        "", "seconds", "times ours", "CPU seconds", "MB at most", "times ours",
        "AUC, schedule", "Brier", "AUC, departure delay", "Brier",
    )  # fmt: skip
    introduction = (
        f"{datetime.datetime.now(datetime.UTC).date()}, {host.describe()}. {options.rows:,} flights, "
        f"years: {options.years}, interleaved rounds: {options.rounds}; medians."
    )
    lines = [
        "# Training, from CSV to model",
        "",
        introduction,
        "",
        table([heading, *rows]),
        "",
        *_steps(trials),
    ]
    return "\n".join(lines)


def _verdicts(trials: Mapping[str, Sequence[Trial]]) -> list[Verdict]:
    """Returns the verdicts on a run with a year's flights."""
    if OURS not in trials:
        return []
    seconds, _, megabytes = _medians(trials[OURS])
    found = [at_most("memory", megabytes, MOST_MB, "MB")]
    for name in trials.keys() - {OURS}:
        times = _medians(trials[name])[0] / seconds
        found.append(at_least(f"against {CONTENDERS[name].title}", times, TIMES))
    return found


def _medians(runs: Sequence[Trial]) -> tuple[float, float, float]:
    return (
        statistics.median(trial.seconds for trial in runs),
        statistics.median(trial.cpu_seconds for trial in runs),
        statistics.median(trial.megabytes for trial in runs),
    )


def _quality(quality: Quality) -> list[str]:
    return [
        f"{quality[situation][metric]:.4f}"
        for situation in (SCHEDULE, WITH_DELAY)
        for metric in ("roc_auc", "brier_score")
    ]


def _steps(trials: Mapping[str, Sequence[Trial]]) -> list[str]:
    """Returns a table of the steps in the last run of each contender."""
    rows = [
        [CONTENDERS[name].title, step, f"{seconds:.1f}"]
        for name, runs in trials.items()
        for step, seconds in runs[-1].steps.items()
    ]
    return ["## Where the time goes", "", table([("", "step", "seconds"), *rows])] if rows else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        choices=[*CONTENDERS, []],
        help=f"{', '.join(CONTENDERS)} (default: all)",
    )
    parser.add_argument(
        "--rows", type=int, default=YEAR_ROWS, help="total number of flights (default: that of 2018)"
    )
    parser.add_argument("--years", type=int, default=1, help="number of years (default: 1)")
    parser.add_argument("--rounds", type=int, default=1, help="number of rounds (default: 1)")
    parser.add_argument(
        "--folder",
        type=Path,
        help="folder for the temporary CSV, a gigabyte per year (default: the system's temporary folder)",
    )
    add_verdicts_argument(parser)
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
