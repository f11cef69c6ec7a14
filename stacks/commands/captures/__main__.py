"""`python -m stacks.commands.captures`: shows the last captured requests and responses of a deployed stack.

The setting data_capture_percent names the percentage of the requests that are captured.
"""

import argparse
import dataclasses
import itertools
import json
import os
import sys
from collections.abc import Mapping, Sequence

from stacks.commands.captures.captured_data import Capture, newest
from stacks.commands.command_line.stack_command import (
    StackCall,
    add_stack_arguments,
    run_stack_program,
    whole_number,
)
from stacks.commands.current_stack import CurrentStack
from stacks.settings.settings import CAPTURES
from terminal_output import escape_unencodable_output

_EPILOG = "Exit codes: 0 success, 1 the stack or its bucket cannot be read, 2 wrong arguments."
_HEADING = Capture(time="time", id="id", request="request", response="response")
# Characters of a body in the table; --json has all of them.
_LONGEST = 60


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Prints the captured calls.

    Args:
        argv: The arguments, without the program's name.
        environment: Credentials and region.

    Returns:
        The exit code.
    """
    return run_stack_program(_print_captures, _parser().parse_args(argv), environment, verb="captures")


def _print_captures(call: StackCall) -> int:
    bucket, prefix = _place(call.stack)
    calls = [*itertools.islice(newest(call.account, bucket=bucket, prefix=prefix), call.arguments.count)]
    if call.arguments.json:
        print(json.dumps([dataclasses.asdict(call) for call in calls]))
    elif calls:
        print(_table(calls))
    else:
        print(
            f"There is nothing in s3://{bucket}/{prefix}: set data_capture_percent and deploy, request "
            "predictions, and wait a few minutes until they are written.",
            file=sys.stderr,
        )
    return 0


def _place(stack: CurrentStack) -> tuple[str, str]:
    """Returns the bucket and the prefix of a stack's captures."""
    # A paused service has no endpoint: the captures of earlier ones are shown.
    endpoint = stack.outputs.get("EndpointName")
    return stack.outputs["ArtifactBucket"], f"{CAPTURES}/{endpoint}/" if endpoint else f"{CAPTURES}/"


def _table(calls: Sequence[Capture]) -> str:
    rows = [(call.time, call.id, _short(call.request), _short(call.response)) for call in (_HEADING, *calls)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.captures", description=__doc__, epilog=_EPILOG
    )
    add_stack_arguments(parser)
    parser.add_argument(
        "-n",
        dest="count",
        type=whole_number,
        default=10,
        metavar="NUMBER",
        help="so many, the newest first (10)",
    )
    parser.add_argument("--json", action="store_true", help="print them as JSON, with whole bodies")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
