"""`python -m stacks.commands.release`: makes a deployed stack serve another version of its model.

`promote` releases a version in the artifact bucket of the stack (--version), or uploads one from a file
(--bundle); `rollback` releases the version that served before, and rejects the one that serves. One
parameter of the stack changes, through CloudFormation: canary, alarms and rollback act as in a deployment,
and later deployments keep the version.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bundle import BundleError
from stacks.commands.command_line.stack_command import (
    StackCall,
    add_stack_arguments,
    print_progress,
    run_stack_program,
)
from stacks.commands.release.candidate import ReleaseError, from_bucket, from_file, require_releasable
from stacks.commands.release.registration import reject_undone, version_before
from stacks.commands.release.release import release
from stacks.commands.release.version_store import VersionStore
from terminal_output import escape_unencodable_output

_EPILOG = (
    "Exit codes: 0 the version serves, 1 it does not, 2 wrong arguments, 130 interrupted: CloudFormation "
    "goes on."
)


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Releases a version of the model of a stack.

    Args:
        argv: The arguments, without the program's name.
        environment: Credentials and region.

    Returns:
        The exit code.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if (arguments.verb == "promote") != bool(arguments.version or arguments.bundle):
        parser.error("promote needs --version or --bundle, and rollback takes neither")
    errors = (BundleError, ReleaseError)
    return run_stack_program(_release, arguments, environment, verb=arguments.verb, errors=errors)


def _release(call: StackCall) -> int:
    account, stack, arguments = call.account, call.stack, call.arguments
    require_releasable(stack)
    store = VersionStore(account, stack)
    is_rollback = arguments.verb == "rollback"
    version = version_before(account, stack) if is_rollback else arguments.version
    manifest = (
        from_file(stack, store, arguments.bundle) if arguments.bundle else from_bucket(stack, store, version)
    )
    done = release(
        account,
        stack,
        manifest,
        progress=lambda line: print_progress(call.advice(line)),
        verb=arguments.verb,
        api_url=arguments.api_url,
    )
    if is_rollback:
        reject_undone(account, stack, done.before)
    result = {
        "stack": stack.name,
        "version": manifest.version,
        "before": done.before,
        "changed": done.changed,
        "state": done.state,
    }
    verb = "is released" if done.changed else "serves already"
    print(json.dumps(result) if arguments.json else f"Version {manifest.version} {verb}: {done.state}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.release", description=__doc__, epilog=_EPILOG
    )
    parser.add_argument("verb", choices=("promote", "rollback"), help="release another version")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", metavar="VERSION", help="a version in the artifact bucket of the stack")
    which.add_argument("--bundle", type=Path, metavar="PATH", help="a model.tar.gz of this machine")
    parser.add_argument(
        "--api-url",
        metavar="URL",
        help="the URL of the API and its stage for golden rows (default: by the stack's outputs)",
    )
    add_stack_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
