"""`python -m stacks.commands.drift`: compares requests and outcomes of a stack with what training saw.

A realtime endpoint or a function captures the percentage of its requests that the setting
data_capture_percent names.
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
from stacks.commands.command_line.stack_command import StackCall, add_stack_arguments, run_stack_program
from stacks.commands.drift.deployed_manifest import deployed_manifest
from stacks.settings.settings import CAPTURES, OUTCOMES
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
    return run_stack_program(_compare, arguments, environment, verb="drift", failed=UNREADABLE)


def _compare(call: StackCall) -> int:
    account, stack, arguments = call.account, call.stack, call.arguments
    manifest = deployed_manifest(account, stack, model=arguments.of, bundle=arguments.bundle)
    client = account.session.client("s3", region_name=account.region)
    bucket = MonitorBucket(client, stack.outputs["ArtifactBucket"])
    now = datetime.datetime.now(datetime.UTC)
    # Captures of earlier endpoints of the stack count too: the folder of each is below this one.
    run = MonitorRun(bucket=bucket, captures=f"{CAPTURES}/", outcomes=f"{OUTCOMES}/", start=now, end=now)
    return look_for_drift(bucket.captures(run.captures), manifest, arguments, outcomes=run.live_quality)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m stacks.commands.drift", description=__doc__, epilog=DRIFT_EXIT_CODES
    )
    add_stack_arguments(parser)
    parser.add_argument("--of", metavar="MODEL", help="the model, of a stack of several")
    parser.add_argument("--bundle", type=Path, help="the model.tar.gz that is deployed, if it is elsewhere")
    add_window_arguments(parser)
    return parser


if __name__ == "__main__":
    escape_unencodable_output()
    sys.exit(main(sys.argv[1:], os.environ))
