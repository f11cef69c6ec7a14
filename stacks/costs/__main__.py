"""`python -m stacks.costs`: what the settings in force cost in a month, in each hosting."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stacks.costs.monthly import Monthly
from stacks.costs.price_table import DEFAULT_TABLE, PriceError, load_prices
from stacks.costs.report import Report
from stacks.settings import ROOT, Settings, SettingsError

_EXIT_CODES = "exit codes: 0 done, 1 settings or prices that cannot be used, 2 wrong arguments"


def main(argv: Sequence[str]) -> int:
    """Prints the costs and returns the exit code."""
    arguments = _parser().parse_args(argv)
    try:
        settings = Settings.from_context(_context() | dict(arguments.context))
        table = load_prices(arguments.prices)
        report = Report(settings=settings, table=table, monthly=Monthly(settings, table))
    except (SettingsError, PriceError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(report.document()) if arguments.json else report.text())
    return 0


def _context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stacks.costs", description=__doc__, epilog=_EXIT_CODES)
    parser.add_argument(
        "-c",
        "--context",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="a setting of the stack; the others are cdk.json's",
    )
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
