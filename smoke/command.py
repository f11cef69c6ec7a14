"""Error handling of both commands: finds the target, and turns errors into a sentence and an exit code."""

import os
import sys
from argparse import Namespace
from collections.abc import Callable

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bundle import BundleError
from smoke.account import Account
from smoke.errors import SmokeError
from smoke.stack_target import Target, find_target
from terminal_output import interruption_code, termination_as_exception


def run(work: Callable[[Target, Account], int], arguments: Namespace) -> int:
    """Runs a command's work on the target of its arguments.

    Args:
        work: Takes the target and the account; returns the exit code.
        arguments: The arguments of `target_parser`.

    Returns:
        The exit code: that of the work, 1 when target or account are not found, 130 or 143 when interrupted.
    """
    try:
        target = find_target(
            models=arguments.models, stage=arguments.stage, stack=arguments.stack, bundles=arguments.bundles
        )
        with termination_as_exception():
            return work(target, Account(_session()))
    except (SmokeError, BundleError) as error:
        return _fail(str(error))
    except (BotoCoreError, ClientError) as error:
        return _fail(f"A request to AWS failed ({error}): check your credentials, region and network.")
    except KeyboardInterrupt as end:
        return interruption_code(end)


def _session() -> boto3.Session:
    # The CDK CLI prefers AWS_REGION to AWS_DEFAULT_REGION and profiles, and boto3 does not read it.
    return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
