"""The CDK context, for commands that read the settings without the CDK CLI."""

import argparse
import json
from typing import Any

from stacks.settings.settings import ROOT


def add_context_argument(parser: argparse.ArgumentParser) -> None:
    """Lets a command take settings as `cdk` does: `-c name=value`, as often as need be."""
    parser.add_argument(
        "-c",
        "--context",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="a setting of the stack; the others are cdk.json's",
    )


def context_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """The context of cdk.json with the settings of the command line over it."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return context | dict(arguments.context)


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
