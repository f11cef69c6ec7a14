"""`python -m stacks.commands.models`: lists the versions of a deployed stack in the model registry.

A star marks the version that serves. Figures of other versions have their distance from its own.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence

from stacks.commands.command_line.stack_command import StackCall, add_stack_arguments, run_stack_program
from stacks.commands.models.registry import Registry
from stacks.commands.models.version_table import version_documents, version_table
from terminal_output import escape_unencodable_output

_EPILOG = "Exit codes: 0 success, 1 the stack or its registry cannot be read, 2 wrong arguments."


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Prints the versions.

    Args:
        argv: The arguments, without the program's name.
        environment: Credentials and region.

    Returns:
        The exit code.
    """
    return run_stack_program(_print_versions, _parser().parse_args(argv), environment, verb="models")


def _print_versions(call: StackCall) -> int:
    registry = Registry.of(call.account, call.stack)
    versions = [*registry.versions()]
    champion = call.stack.outputs["ModelVersion"]
    if call.arguments.json:
        print(json.dumps(version_documents(versions, champion=champion)))
    elif versions:
        print(version_table(versions, champion=champion))
    else:
        print(
            f"The registry {registry.group} has no version: deploy the stack, which registers its own.",
            file=sys.stderr,
        )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.models", description=__doc__, epilog=_EPILOG
    )
    add_stack_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print them as JSON, with all properties")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
