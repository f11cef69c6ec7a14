"""`python -m stacks.commands.drift`: compares requests and outcomes of a stack with what training saw.

An endpoint captures the percentage of its requests that the setting data_capture_percent names.
"""

import argparse
import datetime
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from monitoring.drift_command import DRIFT_EXIT_CODES, UNREADABLE, add_window_arguments, look_for_drift
from monitoring.scheduled.monitor_bucket import MonitorBucket
from monitoring.scheduled.monitor_run import MonitorRun
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError, add_account_arguments
from stacks.commands.current_stack import require_stack
from stacks.commands.drift.deployed_manifest import deployed_manifest
from stacks.settings.context import add_context_argument, context_of
from stacks.settings.settings import CAPTURES, OUTCOMES, Settings, SettingsError
from terminal_output import escape_unencodable_output


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Looks for drift.

    Args:
        argv: The arguments, without the program's name.
        environment: Credentials and region.

    Returns:
        The exit code.
    """
    arguments = _parser().parse_args(argv)
    account = AwsAccount(environment, profile=arguments.profile, region=arguments.region, verb="drift")
    try:
        stack = require_stack(account, Settings.from_context(context_of(arguments)).stack_name)
        manifest = deployed_manifest(account, stack, model=arguments.of, bundle=arguments.bundle)
        region = account.region
    except (SettingsError, UnreadableAccountError) as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    bucket = MonitorBucket(account.session.client("s3", region_name=region), stack.outputs["ArtifactBucket"])
    now = datetime.datetime.now(datetime.UTC)
    # Captures of earlier endpoints of the stack count too: the folder of each is below this one.
    run = MonitorRun(bucket=bucket, captures=f"{CAPTURES}/", outcomes=f"{OUTCOMES}/", start=now, end=now)
    return look_for_drift(bucket.captures(run.captures), manifest, arguments, outcomes=run.live_quality)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.drift", description=__doc__, epilog=DRIFT_EXIT_CODES
    )
    add_context_argument(parser)
    parser.add_argument("--of", metavar="MODEL", help="the model, of a stack of several")
    parser.add_argument("--bundle", type=Path, help="the model.tar.gz that is deployed, if it is elsewhere")
    add_window_arguments(parser)
    add_account_arguments(parser)
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
