"""CDK context from cdk.json and the command line, for commands that run without the CDK CLI."""

import argparse
import json
from typing import Any

from stacks.settings.settings import ROOT


def add_context_argument(parser: argparse.ArgumentParser) -> None:
    """Adds the repeatable option `-c NAME=VALUE` (`--context`) of the CDK CLI to a parser."""
    parser.add_argument(
        "-c",
        "--context",
        action="append",
        default=[],
        type=_parse_setting,
        metavar="NAME=VALUE",
        help="a setting of the stack, which overrides the one in cdk.json",
    )


def context_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Returns the context of cdk.json, overridden by the settings of the command line."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return context | dict(arguments.context)


def _parse_setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
