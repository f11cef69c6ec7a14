"""`python -m stacks.commands.release promote`: makes a deployed stack serve another version of its model.

The version is in the artifact bucket of the stack (--version), or uploaded from a file (--bundle). `rollback`
releases the version that served before. One parameter of the stack changes, through CloudFormation: canary,
alarms and rollback act as in a deployment, and later deployments keep the version.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bundle import BundleError, Manifest
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError, add_account_arguments
from stacks.commands.current_stack import CurrentStack, require_stack
from stacks.commands.release.candidate import ReleaseError, from_bucket, from_file, require_releasable
from stacks.commands.release.release import NotReleasedError, Released, release
from stacks.commands.release.release_record import ReleaseRecord
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
        parser.error("promote needs --version or --bundle, and rollback neither")
    account = AwsAccount(environment, profile=arguments.profile, region=arguments.region, verb=arguments.verb)
    try:
        stack = require_stack(account, Settings.from_context(context_of(arguments)).stack_name)
        require_releasable(stack)
        store, record = VersionStore(account, stack), ReleaseRecord(account, stack)
        manifest = (
            from_file(stack, store, arguments.bundle)
            if arguments.bundle
            else from_bucket(stack, store, arguments.version or record.version_before())
        )
        done = _release(account, stack, manifest, record=record, arguments=arguments)
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


def _release(
    account: AwsAccount,
    stack: CurrentStack,
    manifest: Manifest,
    *,
    record: ReleaseRecord,
    arguments: argparse.Namespace,
) -> Released:
    """Releases a version, and writes the outcome into the registry."""
    version = record.begin(manifest)
    try:
        done = release(account, stack, manifest, progress=_print_progress, api_url=arguments.api_url)
    except NotReleasedError as error:
        record.fail(version, why=str(error))
        raise
    record.succeed(version, why=f"make {arguments.verb}")
    if arguments.reason:
        record.reject_champion(why=arguments.reason)
    return done


def _print_progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.release", description=__doc__, epilog=_EPILOG
    )
    parser.add_argument(
        "verb", choices=("promote", "rollback"), help="release another version, or the one that served before"
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--version", metavar="VERSION", help="a version in the artifact bucket of the stack")
    which.add_argument("--bundle", type=Path, metavar="PATH", help="a model.tar.gz of this machine")
    parser.add_argument(
        "--reason",
        default="",
        metavar="TEXT",
        help="with rollback: why the version that serves now is rejected (default: it stays as it is)",
    )
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
