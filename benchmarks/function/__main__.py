"""Measures every function in interleaved rounds and writes the tables to a file."""

import argparse
import datetime
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.equal_predictions import check_same
from benchmarks.errors import BenchmarkError
from benchmarks.figures.verdict import add_verdicts_argument, write_verdicts
from benchmarks.function.contender import CLASSIC, CONTENDERS, NOTHING, OURS
from benchmarks.function.model_files import Material, encodable_models, prepare
from benchmarks.function.report import markdown, verdicts
from benchmarks.function.s3_stub import URL, Store
from benchmarks.function.trial import Trial, run
from benchmarks.machine import host
from benchmarks.machine.host import LOAD_CORE
from terminal_output import escape_unencodable_output
from training.errors import TrainingError

RESULTS = Path("benchmarks") / "results" / "function.md"
MODULE = "benchmarks.function"
FAILED = 1

Trials = Mapping[str, Sequence[Trial]]


def main() -> int:
    """Runs the benchmark, prints the tables and writes them to a file.

    Returns:
        The exit code: 0, or 1 when a measurement failed.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="names of the models (default: two)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=500, help="number of warm requests per round")
    parser.add_argument("--out", type=Path, default=RESULTS, help=f"file for the tables (default: {RESULTS})")
    add_verdicts_argument(parser)
    options = parser.parse_args()
    try:
        host.check()
        _check_installed()
        # Before a measurement pins this process to one core.
        introduction = _introduction(options)
        measured = [_measure(model, options) for model in options.models or encodable_models(2)]
    except (BenchmarkError, TrainingError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return FAILED
    text = "\n\n".join([introduction, *(markdown(label, trials) for label, trials in measured)])
    print(text)
    found = [verdict for label, trials in measured for verdict in verdicts(label, trials)]
    write_verdicts(options.verdicts, found)
    options.out.write_text(f"{text}\n", encoding="utf-8")
    return 0


def _check_installed() -> None:
    if missing := [found.environment for found in CONTENDERS if not found.is_installed]:
        raise BenchmarkError(f"Missing: {', '.join(missing)}. `make bench` installs the packages.")


def _introduction(options: argparse.Namespace) -> str:
    return (
        "# A model as a Lambda function\n\n"
        f"{datetime.datetime.now(datetime.UTC).date()}, {host.describe()}. awslambdaric on a runtime API "
        f"on loopback, a core for the function, {options.rounds} interleaved rounds of a cold start and "
        f"{options.requests:,} warm requests of one row; medians of the rounds, in brackets the least and "
        "the most. Cold is from the start of the process to its first answer, warm from an event to its "
        "answer. This project's function downloads its bundle from an S3 on loopback; the classic has its "
        "pickle beside it."
    )


def _measure(model: str, options: argparse.Namespace) -> tuple[str, Trials]:
    with tempfile.TemporaryDirectory() as folder:
        material = prepare(model, Path(folder))
        # The other core is reserved for the functions.
        os.sched_setaffinity(0, {LOAD_CORE})
        store = Store(material.folder / "model.tar.gz")
        environment = {
            "MODEL_DATA_URL": URL,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{store.server_port}",
            "CLASSIC_FOLDER": str(material.folder),
            # The images of both contain bytecode.
            "PYTHONPATH": str(Path.cwd()),
        }
        trials = _rounds(material, environment, options)
        store.shutdown()
    _check(trials)
    return material.label, trials


def _rounds(material: Material, environment: dict[str, str], options: argparse.Namespace) -> Trials:
    trials: dict[str, list[Trial]] = defaultdict(list)
    # The first round writes bytecode and fills the page cache; it is discarded.
    for number in range(options.rounds + 1):
        print(f"{material.label}: round {number} of {options.rounds}", file=sys.stderr, flush=True)
        for contender in CONTENDERS:
            found = run(
                contender,
                material.rows,
                environment=environment,
                requests=options.requests if number else 1,
            )
            if number:
                trials[contender.name].append(found)
    return trials


def _check(trials: Trials) -> None:
    ours, classic = trials[OURS.name][0], trials[CLASSIC.name][0]
    assert all(prediction is None for prediction in trials[NOTHING.name][0].predictions)
    check_same(classic.predictions, ours.predictions)


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
