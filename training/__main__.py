"""`python -m training MODEL`: trains a model and writes its bundle, build/MODEL/model.tar.gz."""

import argparse
import importlib
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bundle import BundleError
from terminal_output import (
    end_process,
    escape_unencodable_output,
    interruptible,
    interruption_code,
    termination_as_exception,
)
from training.arguments import make_parser, parse
from training.errors import TrainingError
from training.model_catalog import data_sources, importing_libraries, load_model, model_names, summary
from training.progress import Progress
from training.sagemaker_options import SAGEMAKER
from training.tables.command import TABLE_COMMAND, make_table_parser, parse_table, run_table

if TYPE_CHECKING:
    # scikit-learn and ONNX take seconds to import; wrong arguments are reported before.
    from training.report.training_report import TrainingReport

FAILED = 1
# Modules of the commands beside that of a model's name; each has a `main`.
SUBCOMMANDS = {"import": "training.importing.command", "judge": "training.judging.command"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    if words and words[0] in SUBCOMMANDS:
        code: int = importlib.import_module(SUBCOMMANDS[words[0]]).main(words[1:])
        return code
    is_table = words[:1] == [TABLE_COMMAND]
    parser = make_table_parser() if is_table else make_parser()
    options = parse_table(words[1:], parser) if is_table else parse(words, parser)
    try:
        with termination_as_exception():
            report = _train_table(options) if is_table else _model_list() if options.list else _train(options)
    except (TrainingError, BundleError) as error:
        return _fail(parser, f"{error}")
    except OSError as error:
        return _fail(parser, f"The bundle cannot be written ({error}): choose another folder with --out.")
    except KeyboardInterrupt as end:
        sentence = f"{end}" or "Interrupted, no bundle was written."
        return _fail(parser, sentence, code=interruption_code(end))
    print(report)
    return 0


def _model_list() -> str:
    return "\n".join(
        f"{name:16} {summary(name)}\n{'':16} --data {' | '.join(data_sources(name))}"
        for name in model_names()
    )


def _train(options: argparse.Namespace) -> str:
    progress = Progress(sys.stderr)
    progress.step(f"loading the model {options.model}")
    if options.on == SAGEMAKER:
        from training.sagemaker.launcher.launcher import launch

        report = launch(options, load_model(options.model), progress)
        if isinstance(report, str):
            return report
    else:
        with importing_libraries():
            model = load_model(options.model)
            from training.training_run import make_job, run

        report = run(make_job(options, model, progress), progress)
    return _shown(options, report)


def _train_table(options: argparse.Namespace) -> str:
    report = run_table(options, Progress(sys.stderr))
    return report if isinstance(report, str) else _shown(options, report)


def _shown(options: argparse.Namespace, report: "TrainingReport") -> str:
    if options.open and report.page:
        webbrowser.open(Path(report.page).resolve().as_uri())
    return _formatted(options, report)


def _formatted(options: argparse.Namespace, report: "TrainingReport") -> str:
    from training.report.text_report import text_report

    return msgspec.json.encode(report).decode() if options.json else text_report(report)


def _fail(parser: argparse.ArgumentParser, sentence: str, *, code: int = FAILED) -> int:
    print(f"{parser.prog}: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    escape_unencodable_output()
    end_process(interruptible(main, "python -m training"))
