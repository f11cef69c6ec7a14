"""`python -m stacks.costs`: what the settings in force cost in a month, in each hosting."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from stacks.costs.monthly import Monthly
from stacks.costs.price_table import DEFAULT_TABLE, PriceError, load_prices
from stacks.costs.report import Report
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import Settings, SettingsError

_EXIT_CODES = "exit codes: 0 done, 1 settings or prices that cannot be used, 2 wrong arguments"


def main(argv: Sequence[str]) -> int:
    """Prints the costs and returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = Settings.from_context(context_of(arguments))
        table = load_prices(arguments.prices)
        report = Report(settings=settings, table=table, monthly=Monthly(settings, table))
    except (SettingsError, PriceError) as error:
        print(error, file=sys.stderr)
        return 1
    _print(json.dumps(report.document()) if arguments.json else report.text())
    return 0


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever reads has enough; at its end Python would write the rest again, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stacks.costs", description=__doc__, epilog=_EXIT_CODES)
    add_context_argument(parser)
    parser.add_argument(
        "--prices",
        type=Path,
        default=DEFAULT_TABLE,
        metavar="FILE",
        help="a price table instead of this repository's",
    )
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
