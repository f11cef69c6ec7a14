"""`python -m stacks.commands.score`: scores the files below a prefix in S3 with a deployed model.

The stack needs the setting scoring_data. With hosting lambda its state machine scores them; with another
hosting a batch transform job does, as `make transform` starts it. Each file keeps its columns and gets those
of the answer; rows that cannot be scored are listed beside the results, and fail nothing.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bundle.scored_file_formats import RANGE_BYTES
from bundle.texts.counted_noun import counted
from stacks.commands.command_line.stack_command import (
    StackCall,
    add_stack_arguments,
    print_progress,
    run_stack_program,
    whole_number,
)
from stacks.commands.current_stack import CurrentStack
from stacks.commands.drift.deployed_manifest import deployed_manifest
from stacks.commands.score.first_rows import check_first_rows
from stacks.commands.score.scored_objects import ScoringPlan, ScoringRunError, make_plan
from stacks.commands.score.scoring_run import ScoringRun
from stacks.commands.transform.__main__ import main as transform
from stacks.costs.price_table import DEFAULT_TABLE, load_prices
from stacks.costs.scoring_costs import scoring_dollars
from terminal_output import escape_unencodable_output

_EPILOG = (
    "Exit codes: 0 every object is scored, 1 the run failed or could not start, 2 wrong arguments, 3 not "
    "confirmed, 130 interrupted: the run goes on."
)
_MB = 1 << 20
# Other names are refused, or have no log: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
_NAME = re.compile("[A-Za-z0-9_-]{1,80}")
# Options that a batch transform job does not have.
_OF_RUNS = ("--out", "--name", "--range-bytes")


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Scores the files of a prefix.

    Args:
        argv: The arguments, without the program's name.
        environment: Credentials and region.

    Returns:
        The exit code.
    """
    parser = _parser()

    def score(call: StackCall) -> int:
        if call.stack.hosting == "lambda":
            return _score(call)
        if other := [option for option in _OF_RUNS if getattr(call.arguments, _member(option)) is not None]:
            parser.error(f"{other[0]} is for hosting lambda: a batch transform job names its own folder")
        # A batch transform job asks no question, because it says its costs and may be stopped.
        return transform([word for word in argv if word != "--yes"], environment)

    arguments = parser.parse_args(argv)
    return run_stack_program(score, arguments, environment, verb="score", errors=(ScoringRunError,))


def _score(call: StackCall) -> int:
    account, arguments = call.account, call.arguments
    run = arguments.name or f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    scoring = ScoringRun(account, _state_machine(call.stack), progress=print_progress)
    plan = make_plan(account, call.stack.outputs, source=arguments.source, out=arguments.out, run=run)
    check_first_rows(account, deployed_manifest(account, call.stack), plan.bucket, plan.objects)
    range_bytes = arguments.range_bytes or RANGE_BYTES
    print_progress(_price(plan, account.region, range_bytes=range_bytes))
    if not (arguments.yes or _is_confirmed()):
        return 3
    execution = scoring.start(plan, run=run, range_bytes=range_bytes)
    print_progress(f"The run {execution} has started.")
    try:
        summary = scoring.follow(execution)
    except KeyboardInterrupt:
        print_progress(
            f"\nThe run goes on: `aws stepfunctions stop-execution --execution-arn {execution}` stops it."
        )
        raise
    print(json.dumps(summary) if arguments.json else _sentence(summary))
    return 0


def _state_machine(stack: CurrentStack) -> str:
    if arn := stack.outputs.get("ScoringArn"):
        return arn
    raise ScoringRunError(
        f"The stack {stack.name} has no state machine that scores files: set scoring_data to own, and deploy."
    )


def _price(plan: ScoringPlan, region: str, *, range_bytes: int) -> str:
    table = load_prices(DEFAULT_TABLE)
    parts = scoring_dollars(plan.objects, range_bytes=range_bytes, table=table)
    listed = ", ".join(f"{name} {dollars:.4f}" for name, dollars in parts.items())
    where = "" if region == table.region else f" in {table.region}"
    return (
        f"{counted(len(plan.objects), 'object')} of {plan.size / _MB:,.1f} MB, with results in "
        f"{plan.output_url}: about {sum(parts.values()):.4f} dollars{where} ({listed}; prices of "
        f"{table.date})."
    )


def _is_confirmed() -> bool:
    if not sys.stdin.isatty():
        print_progress("Nothing has started: add --yes to start without a question.")
        return False
    print("Start? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _sentence(summary: Mapping[str, Any]) -> str:
    refused = (
        f", and {summary['refused']:,} were refused, which {summary['output']}_refused/ lists"
        if summary["refused"]
        else ""
    )
    objects = counted(summary["objects"], "object")
    return (
        f"{summary['predicted']:,} of {summary['rows']:,} rows in {objects} got answers of "
        f"{summary['model']} {summary['version']} in {summary['output']}{refused}."
    )


def _parser() -> argparse.ArgumentParser:
    # Abbreviations would not be those of the command that starts a batch transform job.
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.score", description=__doc__, epilog=_EPILOG, allow_abbrev=False
    )
    parser.add_argument(
        "source",
        metavar="s3://BUCKET/PREFIX",
        help="the files: .csv, .jsonl, or .gz of them; or a file of this machine, which is uploaded",
    )
    parser.add_argument(
        "--out", metavar="s3://BUCKET/FOLDER/", help="the results (default: a folder of the run)"
    )
    parser.add_argument("--yes", action="store_true", help="start without a question")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--name", type=_run_name, help="name of the run (default: the time)")
    parser.add_argument(
        "--range-bytes",
        type=whole_number,
        metavar="BYTES",
        help=f"bytes of a larger file that one call scores ({RANGE_BYTES})",
    )
    add_stack_arguments(parser)
    return parser


def _member(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


def _run_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not 1 to 80 letters, digits, - and _")
    return text


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
