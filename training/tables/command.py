"""`python -m training table FILE --target COLUMN`: trains a model of a user's own table."""

import argparse
import math
import re
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bundle import IDENTIFIER
from training.data.data_options import add_holdout, check_holdout
from training.model_catalog import importing_libraries
from training.progress import Progress

if TYPE_CHECKING:
    from training.report.training_report import TrainingReport
    from training.tables.table_preparation import Prepared

TABLE_COMMAND = "table"
MODELS_FOLDER = Path(__file__).resolve().parents[1] / "models"

_TASKS = ("binary", "multiclass", "regression")


def make_table_parser() -> argparse.ArgumentParser:
    """Makes the parser of the command."""
    parser = argparse.ArgumentParser(
        prog=f"python -m training {TABLE_COMMAND}",
        description="Trains a model of your own table: a CSV or Parquet file, and the column to predict.",
    )
    parser.add_argument("file", metavar="FILE", help="path or URL of the table")
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict")
    parser.add_argument("--name", metavar="MODEL", help="name of the model (default: that of the file)")
    parser.add_argument("--task", choices=_TASKS, help="task (default: the one that the values show)")
    parser.add_argument(
        "--leave-out",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a column that is not known at the time of a prediction; once for each",
    )
    parser.add_argument(
        "--missed-cost",
        type=float,
        metavar="COST",
        help="cost of a missed positive in false alarms, which sets the threshold (default: 1)",
    )
    parser.add_argument(
        "--random-split",
        action="store_true",
        help="test on random rows, where the rows to predict are no later ones than those of the table",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the random numbers (default: 0)")
    add_holdout(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="folder of the bundle (default: build/MODEL)"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--open", action="store_true", help="open report.html in a browser")
    parser.add_argument(
        "--no-report", dest="report", action="store_false", help="do not write report.html beside the bundle"
    )
    parser.add_argument(
        "--model-file",
        action="store_true",
        help="write training/models/MODEL.py, to go on from, instead of a bundle",
    )
    parser.add_argument("--print-name", action="store_true", help="print the name of the model, then exit")
    return parser


def check_table_options(options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Completes the options; exits with code 2 when they are wrong."""
    options.name = options.name or model_name(options.file)
    if not IDENTIFIER.fullmatch(options.name):
        parser.error(
            f"{options.name!r} is no name of a model: give --name (MODEL= with make) of lower-case letters, "
            "digits and underscores, a letter first and no underscore last, 40 at most"
        )
    if (MODELS_FOLDER / f"{options.name}.py").exists():
        parser.error(
            f"there is a model {options.name} already, training/models/{options.name}.py: give another "
            "--name (MODEL= with make)"
        )
    if not options.target and not options.print_name:
        parser.error("no column to predict is named: give --target (TARGET= with make)")
    if options.missed_cost is not None and not 0 < options.missed_cost < math.inf:
        parser.error(f"--missed-cost {options.missed_cost:g} is not a number above 0")
    check_holdout(options, parser)
    if not 0 <= options.seed < 2**32:
        parser.error(f"the seed {options.seed} is not a whole number from 0 to {2**32 - 1}")


def model_name(source: str) -> str:
    """Returns the name of a model by that of its file: "customers" of "data/Customers.csv.gz"."""
    stem = PurePath(urlsplit(source).path if "://" in source else source).name.partition(".")[0]
    words = re.findall(r"[a-z0-9]+", stem.lower())
    name = "_".join(words)[:40].rstrip("_")
    return f"table_{name}"[:40].rstrip("_") if name[:1].isdigit() else name


def run_table(options: argparse.Namespace, progress: Progress) -> "TrainingReport | str":
    """Trains the model, or writes its file.

    Raises:
        TrainingError: When the table cannot be read, or nothing can be learned from it.
    """
    if options.print_name:
        return str(options.name)
    with importing_libraries():
        from threadpoolctl import threadpool_limits

        from training.tables.table_preparation import TableRequest, prepare

    out = options.out or Path("build") / options.name
    request = TableRequest(
        source=options.file,
        target=options.target,
        out=out,
        task=options.task,
        leave_out=options.leave_out,
        missed_cost=options.missed_cost,
        seed=options.seed,
        random_split=options.random_split,
        holdout=options.holdout,
    )
    # Many small matrices: threads of BLAS would wait for each other, twenty times as long as one computes.
    with threadpool_limits(1, user_api="blas"):
        return _made(prepare(request, progress), options, out, progress)


def _made(
    prepared: "Prepared", options: argparse.Namespace, out: Path, progress: Progress
) -> "TrainingReport | str":
    if options.model_file:
        from training.tables.model_file import write_model_file

        path = write_model_file(MODELS_FOLDER / f"{options.name}.py", prepared, name=options.name)
        return (
            f"{path} is written: go on from there, train it with `make train MODEL={options.name}`, and "
            f"test it with `make test MODEL={options.name}`."
        )
    from training.data.data_options import DataOptions
    from training.fit_plan import Plan
    from training.training_run import Job, run

    job = Job(
        name=options.name,
        model=prepared.model,
        out=out,
        data=DataOptions(source=options.file, progress=progress),
        plan=Plan(seed=options.seed),
        page=options.report,
        notes=(
            *prepared.notes,
            f"The fields are in {out / 'table.toml'}: correct that file and train again.",
        ),
    )
    return run(job, progress)


def parse_table(arguments: Sequence[str], parser: argparse.ArgumentParser) -> argparse.Namespace:
    """Parses the arguments after `table`; exits with code 2 when they are wrong."""
    options = parser.parse_args(arguments)
    check_table_options(options, parser)
    return options
