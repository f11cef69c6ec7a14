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
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError, add_account_arguments
from stacks.commands.current_stack import require_stack
from stacks.commands.release.candidate import ReleaseError, from_bucket, from_file, require_releasable
from stacks.commands.release.registration import reject_undone, version_before
from stacks.commands.release.release import release
from stacks.commands.release.version_store import VersionStore
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import Settings, SettingsError
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
    account = AwsAccount(environment, profile=arguments.profile, region=arguments.region, verb=arguments.verb)
    try:
        stack = require_stack(account, Settings.from_context(context_of(arguments)).stack_name)
        require_releasable(stack)
        store = VersionStore(account, stack)
        is_rollback = arguments.verb == "rollback"
        version = version_before(account, stack) if is_rollback else arguments.version
        manifest = (
            from_file(stack, store, arguments.bundle)
            if arguments.bundle
            else from_bucket(stack, store, version)
        )
        done = release(
            account,
            stack,
            manifest,
            progress=_print_progress,
            verb=arguments.verb,
            api_url=arguments.api_url,
        )
        if is_rollback:
            reject_undone(account, stack, done.before)
    except (SettingsError, UnreadableAccountError, BundleError, ReleaseError) as error:
        _print_progress(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
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


def _print_progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


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
    add_context_argument(parser)
    add_account_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
