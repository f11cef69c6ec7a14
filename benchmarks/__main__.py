"""`python -m benchmarks [NAME...]`: the serving process and its rivals, on this machine, in one run."""

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
from benchmarks.figures.results import Run
from benchmarks.figures.tables import markdown
from benchmarks.machine import host
from benchmarks.serving.contender import CONTENDERS, LOOP
from benchmarks.serving.material import prepare
from benchmarks.serving.session import Session
from bundle import BundleError
from training.errors import TrainingError
from training.progress import Progress

BUILD = Path("build")
RESULTS = Path(__file__).parent / "results"
FEWEST_ROUNDS = 3
NAMES = [*(contender.name for contender in CONTENDERS), LOOP]

FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints the tables and writes them down.

    Returns:
        0 when every contender that could be run was measured, 1 when one failed, 130 when interrupted.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    names = options.names or NAMES
    if unknown := set(names).difference(NAMES):
        parser.error(f"there is no contender {', '.join(sorted(unknown))}: choose from {', '.join(NAMES)}")
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
    _write(run, text, RESULTS if _is_whole(run) else BUILD / "bench")
    return FAILED if run.failed else 0


def _measure(options: argparse.Namespace, names: Sequence[str]) -> Run:
    progress = Progress(sys.stderr)
    _train(options.model)
    material = prepare(options.model, BUILD)
    chosen = [contender for contender in CONTENDERS if contender.name in names]
    skipped = {contender.name: why for contender in chosen if (why := contender.why_not())}
    for name, why in skipped.items():
        progress.step(f"{name} is left out: {why}")
    session = Session(material=material, seconds=options.seconds, progress=progress)
    session.ask_ours()
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
            raise BenchmarkError(f"There is no bundle of {model}, and training one failed: see above.")


def _is_whole(run: Run) -> bool:
    """Whether all were measured, and often enough for a median: only such a run is worth keeping."""
    return run.rounds >= FEWEST_ROUNDS and len(run.records) == len(CONTENDERS) + 1 and not run.failed


def _write(run: Run, text: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "serving.md").write_text(text)
    if run.records.keys() - {LOOP}:
        (folder / "serving.svg").write_text(svg(run))
    print(f"Written to {folder}: serving.md, serving.svg", file=sys.stderr)


def _default_model() -> str:
    return str(json.loads(Path("cdk.json").read_text())["context"]["model"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these of {', '.join(NAMES)}")
    parser.add_argument(
        "--model", default=_default_model(), help="the model served (default: that of cdk.json)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: 5)")
    parser.add_argument("--seconds", type=int, default=5, help="how long each load lasts (default: 5)")
    parser.add_argument("--soak", action="store_true", help="a million requests on this project at the end")
    parser.add_argument("--json", action="store_true", help="print the figures of every round as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
