"""`python -m benchmarks [NAME...]`: compares the serving process with other servers on this machine."""

import argparse
import datetime
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.errors import BenchmarkError
from benchmarks.figures.bar_chart import svg
from benchmarks.figures.goals import verdicts
from benchmarks.figures.results import Run
from benchmarks.figures.tables import markdown
from benchmarks.figures.verdict import add_verdicts_argument, write_verdicts
from benchmarks.machine import host
from benchmarks.serving.contender import CONTENDERS, LOOP
from benchmarks.serving.contender_inputs import prepare
from benchmarks.serving.rounds import Session
from bundle import BundleError
from terminal_output import escape_unencodable_output
from training.errors import TrainingError
from training.progress import Progress

BUILD = Path("build")
RESULTS = Path(__file__).parent / "results"
FEWEST_ROUNDS = 3
NAMES = [*(contender.name for contender in CONTENDERS), LOOP]

FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark, prints the tables and writes them to files.

    Returns:
        0 when every available contender was measured, 1 when one failed, 130 when interrupted.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    names = options.names or NAMES
    if unknown := set(names).difference(NAMES):
        parser.error(f"unknown contender {', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}")
    try:
        host.check()
        run = _measure(options, names)
    except (BenchmarkError, BundleError, TrainingError) as error:
        print(f"python -m benchmarks: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    text = markdown(run)
    print(msgspec.json.encode(run).decode() if options.json else text)
    write_verdicts(options.verdicts, verdicts(run.records, run.growth))
    _write(run, text, RESULTS if _is_whole(run) else BUILD / "bench")
    return FAILED if run.failed else 0


def _measure(options: argparse.Namespace, names: Sequence[str]) -> Run:
    progress = Progress(sys.stderr)
    _train(options.model)
    material = prepare(options.model, BUILD)
    chosen = [contender for contender in CONTENDERS if contender.name in names]
    skipped = {contender.name: reason for contender in chosen if (reason := contender.unavailable_reason())}
    for name, reason in skipped.items():
        progress.step(f"{name} is skipped: {reason}")
    session = Session(material=material, seconds=options.seconds, progress=progress)
    session.predict_reference()
    contenders = [contender for contender in chosen if contender.name not in skipped]
    for number in range(options.rounds):
        progress.step(f"round {number + 1} of {options.rounds}")
        session.round(contenders)
        if LOOP in names:
            session.loop()
    return Run(
        date=f"{datetime.datetime.now(datetime.UTC).date()}",
        machine=host.describe(),
        model=material.label,
        rounds=options.rounds,
        seconds=options.seconds,
        records=session.records,
        skipped=skipped,
        failed=session.failed,
        growth=session.soak() if options.soak else None,
    )


def _train(model: str) -> None:
    if not (BUILD / model / "model.tar.gz").exists():
        command = [sys.executable, "-m", "training", model]
        if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
            raise BenchmarkError(
                f"There is no bundle of {model}, and its training failed: see the messages above."
            )


def _is_whole(run: Run) -> bool:
    """Whether every contender has enough rounds for a median; only such a run replaces the results."""
    return run.rounds >= FEWEST_ROUNDS and len(run.records) == len(CONTENDERS) + 1 and not run.failed


def _write(run: Run, text: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "serving.md").write_text(text, encoding="utf-8")
    if run.records.keys() - {LOOP}:
        (folder / "serving.svg").write_text(svg(run), encoding="utf-8")
    print(f"Written to {folder}: serving.md, serving.svg", file=sys.stderr)


def _default_model() -> str:
    return str(json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]["model"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"measure only these contenders: {', '.join(NAMES)}"
    )
    parser.add_argument(
        "--model", default=_default_model(), help="model to serve (default: the model in cdk.json)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds (default: 5)")
    parser.add_argument(
        "--seconds", type=int, default=5, help="duration of each load in seconds (default: 5)"
    )
    parser.add_argument(
        "--soak", action="store_true", help="send a million requests to this project at the end"
    )
    add_verdicts_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the results of every round as JSON")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
