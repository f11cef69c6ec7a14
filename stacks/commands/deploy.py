"""`python -m stacks.commands.deploy`: runs `cdk deploy` unless the stack cannot be updated in place."""

import argparse
import subprocess
import sys
from collections.abc import Sequence

from stacks.commands.deployed_stack import UnreadableStackError, deployed_hosting
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import ROOT, Settings, SettingsError

_CDK = ROOT / "node_modules" / ".bin" / "cdk"
_EPILOG = (
    "Passes all other arguments to `cdk deploy`. Exit code: that of `cdk deploy`; 1 for invalid settings."
)


def main(argv: Sequence[str]) -> int:
    """Deploys the stack and returns the exit code."""
    arguments, _ = _parser().parse_known_args(argv)
    context = context_of(arguments)
    try:
        previous = _previous_hosting(Settings.from_context(context).stack_name, profile=arguments.profile)
        Settings.from_context(context | previous)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    options = [part for name, value in previous.items() for part in ("--context", f"{name}={value}")]
    return subprocess.run([str(_CDK), "deploy", *options, *argv], cwd=ROOT, check=False).returncode


def _previous_hosting(stack_name: str, *, profile: str | None) -> dict[str, str]:
    try:
        hosting = deployed_hosting(stack_name, profile=profile)
    except UnreadableStackError as error:
        print(error, file=sys.stderr)
        return {}
    return {"previous_hosting": hosting} if hosting else {}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.deploy", description=__doc__, epilog=_EPILOG, allow_abbrev=False
    )
    add_context_argument(parser)
    parser.add_argument("--profile", help="the AWS profile to deploy with")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
