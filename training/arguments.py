"""What the command is told: its options, and whether they can be."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from training.catalog import model_names
from training.engines import ENGINES
from training.sagemaker import options as sagemaker

MAX_SEED = 2**32 - 1

EXIT_CODES = (
    "exit codes: 0 done, 1 training failed and no bundle was written, 2 wrong arguments, 130 interrupted"
)


def parse(arguments: Sequence[str] | None, parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The options of a command line; the process ends with exit code 2 when they cannot be."""
    options = parser.parse_args(arguments)
    if not options.list:
        _check(options, parser)
    return options


def make_parser(kind: type[argparse.ArgumentParser] = argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser of `python -m training`, which refuses as its `kind` does."""
    parser = kind(
        prog="python -m training",
        description="Trains a model, tests it on rows it never learned from, and writes its bundle.",
        epilog=EXIT_CODES,
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="one of those --list names")
    parser.add_argument("--list", action="store_true", help="print the models and what they are, then exit")
    _add_data(parser.add_argument_group("data"))
    _add_fit(parser.add_argument_group("fit"))
    _add_results(parser.add_argument_group("results"))
    sagemaker.add_options(parser.add_argument_group("SageMaker"))
    return parser


def _add_data(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--data", metavar="SOURCE", help="where the rows come from (default: the model's sample)"
    )
    group.add_argument(
        "--engine", choices=ENGINES, default=ENGINES[0], help="what cleans flights (default: duckdb, here)"
    )
    group.add_argument("--master", metavar="URL", default="", help="Spark's cluster (default: this machine)")
    group.add_argument("--bucket", metavar="NAME", help="S3 bucket that AWS works in, for what is done there")


def _add_fit(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--seed", type=int, default=0, help="seed of all that is drawn (default: 0)")
    group.add_argument(
        "--tune",
        type=float,
        default=0,
        metavar="MINUTES",
        help="first try hyperparameters for so long; tried on from where it was left",
    )


def _add_results(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--out", type=Path, metavar="FOLDER", help="folder of the bundle (default: build/MODEL)"
    )
    group.add_argument("--json", action="store_true", help="print the report as JSON")
    group.add_argument(
        "--no-report",
        dest="report",
        action="store_false",
        help="without the page report.html beside the bundle",
    )
    group.add_argument("--open", action="store_true", help="show the page in a browser")


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    names = model_names()
    if options.model not in names:
        wrong = f"there is no model {options.model!r}" if options.model else "no model is named"
        parser.error(f"{wrong}: choose {' or '.join(names)}")
    if not 0 <= options.seed <= MAX_SEED:
        parser.error(f"the seed {options.seed} is not a whole number from 0 to {MAX_SEED}")
    if not 0 <= options.tune < math.inf:
        parser.error(f"{options.tune:g} are no minutes to tune for")
    if options.open and not options.report:
        parser.error("--open shows the page that --no-report leaves out")
    sagemaker.check(options, parser)
