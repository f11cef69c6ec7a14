"""`python -m benchmarks.scoring [NAME...]`: compares programs that score a year's flights."""

import argparse
import datetime
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

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
from benchmarks.scoring.flight_files import write_files
from benchmarks.training.contenders import MODEL
from benchmarks.training.flights_csv import YEAR_ROWS, write_flights
from benchmarks.training.trial import Trial, run
from terminal_output import escape_unencodable_output
from training.progress import Progress

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results" / "scoring.md"
SAMPLE_ROWS = 336_776
TITLES = {"ours": "this project", "rival": "pandas, scikit-learn, pickle"}
RIVAL = [sys.executable, "-m", "benchmarks.scoring.pandas_pickle"]

# Goals: seconds by the suffix of the input, memory, and seconds of the rival in units of ours.
MOST_SECONDS = {".parquet": 15, ".csv": 25}
MOST_MB, TIMES = 1_500, 5


class Medians(NamedTuple):
    """Medians of the runs of a contender."""

    seconds: float
    cpu: float
    megabytes: float


# Contender and suffix of the input.
Case = tuple[str, str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark and prints the table; writes the results of a run with the defaults.

    Returns:
        0 when every program succeeded, 1 when one failed, 130 when interrupted.
    """
    options = _parser().parse_args(arguments)
    names = options.names or [*TITLES]
    try:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            trials = _measure(names, options, Path(folder))
    except (BenchmarkError, subprocess.CalledProcessError) as error:
        print(f"python -m benchmarks.scoring: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    medians = {case: _medians(runs) for case, runs in trials.items()}
    text = _markdown(medians, options)
    print(text)
    write_verdicts(options.verdicts, _verdicts(medians, options.rows))
    if names == [*TITLES] and options.rows == YEAR_ROWS and options.file is None:
        RESULTS.write_text(f"{text}\n", encoding="utf-8")
    return 0


def _measure(names: Sequence[str], options: argparse.Namespace, folder: Path) -> dict[Case, list[Trial]]:
    progress = Progress(sys.stderr)
    progress.step(f"writing {options.rows:,} flights")
    files = write_files(folder, options.rows, options.file)
    model = folder / "model.pkl"
    if "rival" in names:
        progress.step("fitting the rival's pipeline on the sample")
        write_flights(folder / "sample.csv", rows=SAMPLE_ROWS)
        subprocess.run([*RIVAL, "fit", folder / "sample.csv", model], check=True)
    commands: Mapping[str, Callable[[Path, Path], list[str]]] = {
        "ours": lambda source, out: [
            *(sys.executable, "-m", "scoring", f"{source}"),
            *("--out", f"{out}", "--bundle", f"{options.bundle}"),
        ],
        "rival": lambda source, out: [*RIVAL, "score", f"{model}", f"{source}", f"{out}"],
    }
    trials = defaultdict(list)
    for number in range(options.rounds):
        for suffix in options.inputs:
            for name in names:
                progress.step(f"round {number + 1} of {options.rounds}: {name}, {suffix}")
                trials[name, suffix].append(run(commands[name](files[suffix], folder / f"{name}.parquet")))
    progress.step("done")
    return trials


def _verdicts(medians: Mapping[Case, Medians], rows: int) -> list[Verdict]:
    found = []
    for suffix, most_seconds in MOST_SECONDS.items():
        if ours := medians.get(("ours", suffix)):
            title = f"{suffix.removeprefix('.')} to parquet"
            found.append(at_most(title, ours.megabytes, MOST_MB, "MB"))
            if rows == YEAR_ROWS:
                found.append(at_most(title, ours.seconds, most_seconds, "s"))
            if rival := medians.get(("rival", suffix)):
                found.append(at_least(f"{title}, against pandas", rival.seconds / ours.seconds, TIMES))
    return found


def _markdown(medians: Mapping[Case, Medians], options: argparse.Namespace) -> str:
    rows = []
    for (name, suffix), (seconds, cpu, megabytes) in medians.items():
        ours = medians.get(("ours", suffix), (seconds, cpu, megabytes))
        rows.append(
            [
                f"{suffix.removeprefix('.')} to parquet",
                TITLES[name],
                f"{seconds:.1f}",
                f"{seconds / ours[0]:.2g}",
                f"{cpu:.1f}",
                f"{cpu / ours[1]:.2g}",
                f"{1e6 * cpu / options.rows:.2f}",
                f"{megabytes:,.0f}",
                f"{megabytes / ours[2]:.2g}",
            ]
        )
    heading = (
        "files", "", "seconds", "times ours", "CPU seconds", "times ours", "CPU µs a row",
        "MB at most", "times ours",
    )  # fmt: skip
    introduction = (
        f"{datetime.datetime.now(datetime.UTC).date()}, {host.describe()}. {options.rows:,} flights, "
        f"interleaved rounds: {options.rounds}; medians."
    )
    return "\n".join(["# Scoring, from file to file", "", introduction, "", table([heading, *rows])])


def _medians(runs: Sequence[Trial]) -> Medians:
    return Medians(
        statistics.median(trial.seconds for trial in runs),
        statistics.median(trial.cpu_seconds for trial in runs),
        statistics.median(trial.megabytes for trial in runs),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scoring", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", choices=[*TITLES, []], help="ours, rival (default: both)"
    )
    parser.add_argument(
        "--rows", type=int, default=YEAR_ROWS, help="number of flights (default: that of 2018)"
    )
    parser.add_argument("--rounds", type=int, default=1, help="number of rounds (default: 1)")
    parser.add_argument(
        "--inputs",
        nargs="+",
        choices=(".parquet", ".csv"),
        default=(".parquet", ".csv"),
        help="formats (default: both)",
    )
    parser.add_argument(
        "--file",
        type=Path,
        help="Parquet file in the columns of Kaggle's data set (default: the sample, repeated)",
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        default=ROOT / "build" / MODEL / "model.tar.gz",
        help="bundle of the default model",
    )
    add_verdicts_argument(parser)
    parser.add_argument("--folder", type=Path, help="folder for temporary files, two gigabytes a year")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
