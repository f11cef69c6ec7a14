"""`python -m training judge`: compares a challenger with the champion, and writes the verdict."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from terminal_output import interruption_code, termination_as_exception
from training.errors import TrainingError
from training.judging.judge_settings import JudgeSettings, read_judge_settings
from training.model_catalog import importing_libraries
from training.progress import Progress

_FAILED, _REFUSED = 1, 3


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        settings = dict(_setting(text) for text in options.set)
        rule = read_judge_settings(settings)
    except TrainingError as error:
        parser.error(f"{error}")
    try:
        with termination_as_exception():
            return _judged(options, rule)
    except TrainingError as error:
        return _fail(parser, f"{error}")
    except OSError as error:
        return _fail(parser, f"The verdict cannot be written ({error}): choose another folder with --out.")
    except KeyboardInterrupt as end:
        return _fail(parser, "Interrupted, no verdict was written.", code=interruption_code(end))


def _judged(options: argparse.Namespace, rule: JudgeSettings) -> int:
    # scikit-learn and ONNX take seconds to import; wrong arguments are reported before.
    with importing_libraries():
        from training.judging.judge import JudgeRequest, judge
        from training.judging.page import write_verdict

    request = JudgeRequest(
        champion=options.champion,
        challenger=options.challenger,
        data=options.data,
        weather=options.weather,
        rule=rule,
    )
    progress = Progress(sys.stderr)
    judgement = judge(request, progress)
    page = write_verdict(options.out, judgement)
    progress.step("done")
    print(judgement.verdict.encode().decode() if options.json else judgement.as_text(page))
    return 0 if judgement.verdict.passes else _REFUSED


def _parser() -> argparse.ArgumentParser:
    names = ", ".join(f"{name}={value:g}" for name, value in _defaults())
    parser = argparse.ArgumentParser(
        prog="python -m training judge",
        description="Compares a challenger with the champion on rows that neither has learned from, and "
        "writes verdict.json and verdict.html.",
        epilog="exit codes: 0 the challenger passes, 1 nothing could be judged, 2 wrong arguments, 3 the "
        "challenger does not pass, 130 interrupted",
    )
    parser.add_argument("--champion", type=Path, required=True, metavar="FILE", help="bundle that serves")
    parser.add_argument(
        "--challenger", type=Path, required=True, metavar="FILE", help="bundle that may follow"
    )
    parser.add_argument(
        "--data", default="", metavar="SOURCE", help="source of the rows (default: the model's sample)"
    )
    parser.add_argument(
        "--weather",
        default="",
        metavar="SOURCE",
        help="hourly weather of flights, as of a training: a file, or iem",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder of the verdict")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"a setting of the judge, once for each (defaults: {names})",
    )
    parser.add_argument("--json", action="store_true", help="print verdict.json")
    return parser


def _defaults() -> list[tuple[str, float]]:
    return [(name, getattr(JudgeSettings(), name)) for name in JudgeSettings.__struct_fields__]


def _setting(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _fail(parser: argparse.ArgumentParser, sentence: str, *, code: int = _FAILED) -> int:
    print(f"{parser.prog}: {sentence}", file=sys.stderr)
    return code
