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

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError, add_account_arguments
from stacks.commands.captures.captured_data import Capture, newest
from stacks.commands.current_stack import require_stack
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import CAPTURES, Settings, SettingsError
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
    arguments = _parser().parse_args(argv)
    account = AwsAccount(environment, profile=arguments.profile, region=arguments.region, verb="captures")
    try:
        name = Settings.from_context(context_of(arguments)).stack_name
        bucket, prefix = _place(account, name)
        calls = [*itertools.islice(newest(account, bucket=bucket, prefix=prefix), arguments.count)]
    except (SettingsError, UnreadableAccountError) as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.json:
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


def _place(account: AwsAccount, name: str) -> tuple[str, str]:
    """Returns the bucket and the prefix of a stack's captures."""
    stack = require_stack(account, name)
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


def _count(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text):
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.captures", description=__doc__, epilog=_EPILOG
    )
    add_context_argument(parser)
    parser.add_argument(
        "-n", dest="count", type=_count, default=10, metavar="NUMBER", help="so many, the newest first (10)"
    )
    add_account_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print them as JSON, with whole bodies")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
