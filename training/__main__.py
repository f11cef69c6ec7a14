"""`python -m training MODEL`: makes a model's bundle, build/MODEL/model.tar.gz."""

import argparse
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bundle import BundleError
from training.arguments import make_parser, parse
from training.catalog import kinds, load_model, model_names, summary
from training.errors import TrainingError
from training.progress import Progress
from training.sagemaker.options import SAGEMAKER

if TYPE_CHECKING:
    # scikit-learn and ONNX take seconds to import: wrong arguments must not wait for them.
    from training.job import Job
    from training.model import Model
    from training.report.training_report import TrainingReport

FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit code."""
    parser = make_parser()
    options = parse(arguments, parser)
    try:
        report = _listed() if options.list else _train(options)
    except (TrainingError, BundleError) as error:
        return _fail(parser, f"{error}")
    except OSError as error:
        return _fail(parser, f"The bundle cannot be written ({error}): choose a folder with --out.")
    except KeyboardInterrupt as interrupt:
        return _fail(parser, f"{interrupt}" or "Interrupted, no bundle was written.", code=INTERRUPTED)
    print(report)
    return 0


def _listed() -> str:
    return "\n".join(
        f"{name:16} {summary(name)}\n{'':16} --data {' | '.join(kinds(name))}" for name in model_names()
    )


def _train(options: argparse.Namespace) -> str:
    progress = Progress(sys.stderr)
    progress.step(f"loading the model {options.model}")
    model = load_model(options.model)
    if options.on == SAGEMAKER:
        from training.sagemaker.launcher.launcher import launch

        report = launch(options, model, progress)
        if isinstance(report, str):
            return report
    else:
        from training.job import run

        report = run(make_job(options, model, progress), progress)
    if options.open and report.page:
        webbrowser.open(Path(report.page).resolve().as_uri())
    return _said(options, report, model)


def _said(options: argparse.Namespace, report: "TrainingReport", model: "Model") -> str:
    from training.report.text_report import text_report

    return msgspec.json.encode(report).decode() if options.json else text_report(report, model)


def make_job(options: argparse.Namespace, model: "Model", progress: Progress) -> "Job":
    """What the options ask for."""
    from training.data.request import DataRequest
    from training.job import Job
    from training.plan import Plan

    return Job(
        name=options.model,
        model=model,
        out=options.out or Path("build") / options.model,
        data=DataRequest(
            source=model.data[0] if options.data is None else options.data,
            engine=options.engine,
            master=options.master,
            bucket=options.bucket or "",
            progress=progress,
        ),
        plan=Plan(seed=options.seed),
        page=options.report,
        minutes=options.tune,
    )


def _fail(parser: argparse.ArgumentParser, sentence: str, *, code: int = FAILED) -> int:
    print(f"{parser.prog}: {sentence}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
