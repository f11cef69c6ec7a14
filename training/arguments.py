"""Command line of `python -m training`: its options and their validation."""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

from training import sagemaker_options
from training.data.data_options import add_holdout, check_holdout
from training.engines.engine import ENGINES
from training.model_catalog import model_names

MAX_SEED = 2**32 - 1
MAX_CUTS = 50

EXIT_CODES = (
    "exit codes: 0 done, 1 training failed and no bundle was written, 2 wrong arguments, 130 interrupted"
)


def parse(arguments: Sequence[str] | None, parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Parses and validates the options; exits with code 2 when they are wrong."""
    options = parser.parse_args(arguments)
    if not options.list:
        _check(options, parser)
    return options


def make_parser(kind: type[argparse.ArgumentParser] = argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Makes the parser; its `kind` decides what happens on wrong arguments."""
    parser = kind(
        prog="python -m training",
        description="Trains a model, evaluates it on held-out rows, and writes its bundle.",
        epilog=f"{EXIT_CODES}. `python -m training import` makes a bundle of a model trained elsewhere; "
        "`python -m training judge` compares two bundles.",
    )
    parser.add_argument("model", nargs="?", metavar="MODEL", help="name of a model, see --list")
    parser.add_argument(
        "--list", action="store_true", help="print the models and their data sources, then exit"
    )
    _add_data(parser.add_argument_group("data"))
    _add_fit(parser.add_argument_group("fit"))
    _add_results(parser.add_argument_group("results"))
    sagemaker_options.add_options(parser.add_argument_group("SageMaker"))
    return parser


def _add_data(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--data", metavar="SOURCE", help="source of the rows, see --list (default: the model's sample)"
    )
    group.add_argument(
        "--weather",
        metavar="SOURCE",
        default="",
        help="hourly weather of flights: a file, or iem for the Iowa Environmental Mesonet's archive",
    )
    group.add_argument(
        "--engine",
        choices=ENGINES,
        default=ENGINES[0],
        help="engine that cleans flights (default: duckdb, in this process)",
    )
    group.add_argument(
        "--master", metavar="URL", default="", help="URL of Spark's cluster (default: this machine)"
    )
    group.add_argument("--bucket", metavar="NAME", help="S3 bucket for Athena and SageMaker")
    add_holdout(group)


def _add_fit(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--seed", type=int, default=0, help="seed of the random numbers (default: 0)")
    group.add_argument(
        "--tune",
        type=float,
        default=0,
        metavar="MINUTES",
        help="minutes of hyperparameter search before the fit; continues an earlier search",
    )
    group.add_argument(
        "--cuts",
        type=int,
        default=0,
        metavar="N",
        help="fit and test at N cuts in time too, and report all (default: the last fifth alone)",
    )
    group.add_argument(
        "--simplest",
        action="store_true",
        help="ship the mean or a linear model instead, if it is not worse than the model beyond noise",
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
        help="do not write report.html beside the bundle",
    )
    group.add_argument("--open", action="store_true", help="open report.html in a browser")


def _check(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    names = model_names()
    if options.model not in names:
        if options.model and Path(options.model).exists():
            parser.error(
                f"{options.model} is a file, and MODEL is a name: `python -m training import {options.model} "
                "--rows FILE` makes a bundle of a trained model"
            )
        wrong = f"there is no model {options.model!r}" if options.model else "no model is named"
        parser.error(f"{wrong}: choose {' or '.join(names)}")
    if not 0 <= options.seed <= MAX_SEED:
        parser.error(f"the seed {options.seed} is not a whole number from 0 to {MAX_SEED}")
    if not 0 <= options.tune < math.inf:
        parser.error(f"--tune {options.tune:g} is not a number of minutes from 0")
    if not 0 <= options.cuts <= MAX_CUTS:
        parser.error(f"--cuts {options.cuts} is not a whole number from 0 to {MAX_CUTS}")
    check_holdout(options, parser)
    if options.open and not options.report:
        parser.error("--open needs the page that --no-report leaves out: give one of them")
    sagemaker_options.check(options, parser)
