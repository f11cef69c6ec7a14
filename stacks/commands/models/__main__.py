"""`python -m stacks.commands.models`: lists the versions of a deployed stack in the model registry.

A star marks the version that serves. Figures of other versions have their distance from its own.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError, add_account_arguments
from stacks.commands.current_stack import require_stack
from stacks.commands.models.registry import Registry
from stacks.commands.models.version_table import version_documents, version_table
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import Settings, SettingsError
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
    arguments = _parser().parse_args(argv)
    account = AwsAccount(environment, profile=arguments.profile, region=arguments.region, verb="models")
    try:
        name = Settings.from_context(context_of(arguments)).stack_name
        stack = require_stack(account, name)
        registry = Registry.of(account, stack)
        versions = [*registry.versions()]
    except (SettingsError, UnreadableAccountError) as error:
        print(error, file=sys.stderr)
        return 1
    champion = stack.outputs["ModelVersion"]
    if arguments.json:
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
    add_context_argument(parser)
    add_account_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print them as JSON, with all properties")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
