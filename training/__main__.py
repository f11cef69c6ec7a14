"""`python -m training MODEL`: makes a model's bundle, build/MODEL/model.tar.gz."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bundle import BundleError
from training.catalog import load_model, model_names, summary
from training.errors import TrainingError
from training.progress import Progress

FAILED, INTERRUPTED = 1, 130
MAX_SEED = 2**32 - 1

EXIT_CODES = (
    "exit codes: 0 done, 1 training failed and no bundle was written, 2 wrong arguments, 130 interrupted"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(f"{name:16} {summary(name)}" for name in model_names()))
        return 0
    _check(options, parser)
    try:
        outcome = _train(options)
    except (TrainingError, BundleError) as error:
        return _fail(parser, f"{error}")
    except OSError as error:
        return _fail(parser, f"The bundle cannot be written ({error}): choose a folder with --out.")
    except KeyboardInterrupt:
        return _fail(parser, "Interrupted, no bundle was written.", code=INTERRUPTED)
    print(outcome)
    return 0


def _train(options: argparse.Namespace) -> str:
    progress = Progress(sys.stderr)
    progress.step(f"loading the model {options.model}")
    model = load_model(options.model)
    # After the arguments were found right, because scikit-learn and ONNX take seconds to import.
    from training.job import Job, run
    from training.plan import Plan
    from training.request import DataRequest

    job = Job(
        name=options.model,
        model=model,
        out=options.out or Path("build") / options.model,
        data=DataRequest(source=model.data[0] if options.data is None else options.data, progress=progress),
        plan=Plan(seed=options.seed),
    )
    report = run(job, progress)
    return msgspec.json.encode(report).decode() if options.json else report.text(model.situations)


def _fail(parser: argparse.ArgumentParser, sentence: str, *, code: int = FAILED) -> int:
    print(f"{parser.prog}: {sentence}", file=sys.stderr)
    return code


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    names = model_names()
    if options.model not in names:
        wrong = f"there is no model {options.model!r}" if options.model else "no model is named"
        parser.error(f"{wrong}: choose {' or '.join(names)}")
    if not 0 <= options.seed <= MAX_SEED:
        parser.error(f"the seed {options.seed} is not a whole number from 0 to {MAX_SEED}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Trains a model, tests it on rows it never learned from, and writes its bundle.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="one of those --list names")
    parser.add_argument(
        "--data", metavar="SOURCE", help="where the rows come from (default: the model's sample)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="folder of the bundle (default: build/MODEL)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of all that is drawn (default: 0)")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--list", action="store_true", help="print the models and what they are, then exit")
    return parser


if __name__ == "__main__":
    sys.exit(main())
