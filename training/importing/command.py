"""`python -m training import MODEL`: makes a bundle of a trained model of any tool."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bundle import IDENTIFIER, BundleError
from terminal_output import interruption_code, termination_as_exception
from training.errors import TrainingError
from training.model_catalog import importing_libraries
from training.progress import Progress

_FAILED = 1


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    name = options.name or model_name(options.model)
    if not IDENTIFIER.fullmatch(name):
        parser.error(
            f"--name {name} is not 1 to 40 lower-case letters, digits and underscores, with a letter first "
            "and no underscore last"
        )
    try:
        with termination_as_exception():
            print(_imported(options, name))
    except (TrainingError, BundleError) as error:
        return _fail(parser, f"{error}")
    except OSError as error:
        out, reason = error.filename or options.out, error.strerror or error
        return _fail(
            parser, f"The bundle cannot be written to {out} ({reason}): choose another folder with --out."
        )
    except KeyboardInterrupt as end:
        return _fail(parser, "Interrupted, no bundle was written.", code=interruption_code(end))
    return 0


def model_name(path: Path) -> str:
    """Makes a model's name from the name of its file: `Churn-v2.onnx` is churn_v2."""
    plain = re.sub(r"[^a-z0-9]+", "_", path.resolve().stem.lower()).strip("_")
    return (plain if plain[:1].isalpha() else f"model_{plain}".rstrip("_"))[:40].rstrip("_")


def _imported(options: argparse.Namespace, name: str) -> str:
    with importing_libraries():
        from training.importing.model_import import ImportJob, import_model

    job = ImportJob(
        model=options.model,
        rows=options.rows,
        name=name,
        out=options.out or Path("build") / name,
        target=options.target,
        labels=tuple(label.strip() for label in options.labels.split(",")) if options.labels else (),
        trust=options.trust,
    )
    report = import_model(job, Progress(sys.stderr))
    return msgspec.json.encode(report).decode() if options.json else report.as_text()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training import",
        description="Makes a bundle of a trained model, and verifies that it predicts as the original does.",
        epilog="exit codes: 0 done, 1 refused and no bundle was written, 2 wrong arguments, 130 interrupted",
    )
    parser.add_argument(
        "model",
        type=Path,
        metavar="MODEL",
        help="an ONNX file, a skops, joblib or pickle file of a scikit-learn pipeline, a model file of "
        "LightGBM (.txt) or XGBoost (.json, .ubj), or an MLflow folder",
    )
    parser.add_argument(
        "--rows",
        type=Path,
        metavar="FILE",
        help="CSV, JSON or Parquet file of rows as the model gets them, best those of its training (default: "
        "the input example of an MLflow folder)",
    )
    parser.add_argument(
        "--target", default="", metavar="COLUMN", help="column of the right answers, to measure the quality"
    )
    parser.add_argument(
        "--labels",
        default="",
        metavar="A,B",
        help="labels in the order of the model's probabilities, where its file does not name them",
    )
    parser.add_argument("--name", default="", help="name of the model (default: of its file)")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="folder of the bundle (default: build/NAME)"
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="load pickle and joblib files, and skops files with unknown types: loading them may run code "
        "that their author wrote",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


def _fail(parser: argparse.ArgumentParser, sentence: str, *, code: int = _FAILED) -> int:
    print(f"{parser.prog}: {sentence}", file=sys.stderr)
    return code
