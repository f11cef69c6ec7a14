"""`python -m stacks.costs`: prints the monthly costs of the settings, in each hosting."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from stacks.costs.monthly_costs import MonthlyCosts
from stacks.costs.price_table import DEFAULT_TABLE, PriceError, load_prices
from stacks.costs.report import CostReport
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import Settings, SettingsError
from terminal_output import escape_unencodable_output

_EXIT_CODES = "exit codes: 0 success, 1 invalid settings or price table, 2 invalid arguments"


def main(argv: Sequence[str]) -> int:
    """Prints the costs and returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = Settings.from_context(context_of(arguments))
        table = load_prices(arguments.prices)
        report = CostReport(settings=settings, table=table, monthly=MonthlyCosts(settings, table))
    except (SettingsError, PriceError) as error:
        print(error, file=sys.stderr)
        return 1
    _print(json.dumps(report.document()) if arguments.json else report.text())
    return 0


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # The reader closed the pipe; without this, Python fails again when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stacks.costs", description=__doc__, epilog=_EXIT_CODES)
    add_context_argument(parser)
    parser.add_argument(
        "--prices",
        type=Path,
        default=DEFAULT_TABLE,
        metavar="FILE",
        help="price table to use instead of stacks/costs/prices.json",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:]))
