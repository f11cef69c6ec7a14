"""`python -m benchmarks.steps`: the time of one request through the server, step by step."""

import argparse
import datetime
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.figures.goals import ALONE_CPU, ALONE_MS
from benchmarks.figures.verdict import Verdict, add_verdicts_argument, at_most, write_verdicts
from benchmarks.machine import host
from benchmarks.steps.measurement import StepFigures, measure
from benchmarks.steps.report import markdown
from benchmarks.steps.timeline import timeline
from bundle import BundleError, read_archive
from terminal_output import escape_unencodable_output

RESULTS = Path(__file__).parents[1] / "results"
BUILD = Path("build")
FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints the table, and writes it with a picture.

    Returns:
        0 when everything was measured, 1 when something failed, 130 when interrupted.
    """
    options = _parser().parse_args(arguments)
    try:
        host.check()
        figures = _measure(options)
    except (BenchmarkError, BundleError) as error:
        print(f"python -m benchmarks.steps: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    date, machine = f"{datetime.datetime.now(datetime.UTC).date()}", host.describe()
    text = markdown(figures, date=date, machine=machine)
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "steps.md").write_text(f"{text}\n", encoding="utf-8")
    picture = timeline(figures, caption=f"{date} · {machine} · model {figures.model}")
    (options.out / "steps.svg").write_text(picture, encoding="utf-8")
    write_verdicts(options.verdicts, _verdicts(figures))
    return 0


def _measure(options: argparse.Namespace) -> StepFigures:
    archive = options.bundle or BUILD / _default_model() / "model.tar.gz"
    if not archive.exists():
        raise BenchmarkError(f"there is no bundle {archive}: run make train, or name one with --bundle.")
    return measure(
        archive,
        read_archive(archive),
        rounds=options.rounds,
        requests=options.requests,
        warm_up=options.warm_up,
    )


def _verdicts(figures: StepFigures) -> list[Verdict]:
    used = sum(figures.processor.values())
    return [
        at_most("p50 of a client in Python at one connection", figures.unstamped / 1e3, ALONE_MS, "ms"),
        at_most("processor time a request of that client", used, ALONE_CPU, "µs"),
    ]


def _default_model() -> str:
    return str(json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]["model"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps", description=__doc__)
    parser.add_argument("--bundle", type=Path, help="bundle to serve (default: of the model in cdk.json)")
    parser.add_argument("--rounds", type=int, default=5, help="number of rounds (default: 5)")
    parser.add_argument("--requests", type=int, default=5_000, help="requests of a round (default: 5,000)")
    parser.add_argument("--warm-up", type=int, default=1_000, help="requests before them (default: 1,000)")
    parser.add_argument(
        "--out", type=Path, default=RESULTS, help="folder of the results (default: benchmarks/results)"
    )
    add_verdicts_argument(parser)
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main())
