"""Error handling of both commands: finds the target, and turns errors into a sentence and an exit code."""

import sys
from argparse import Namespace
from collections.abc import Callable

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bundle import BundleError
from smoke.account import Account
from smoke.errors import SmokeError
from smoke.target import Target, find_target


def run(work: Callable[[Target, Account], int], arguments: Namespace) -> int:
    """Runs a command's work on the target of its arguments.

    Args:
        work: Takes the target and the account; returns the exit code.
        arguments: The arguments of `target_parser`.

    Returns:
        The exit code: that of the work, 1 when target or account are not found, 130 when interrupted.
    """
    try:
        target = find_target(models=arguments.models, stack=arguments.stack, bundles=arguments.bundles)
        return work(target, Account(boto3.Session()))
    except (SmokeError, BundleError) as error:
        return _fail(str(error))
    except (BotoCoreError, ClientError) as error:
        return _fail(f"A request to AWS failed: {error}")
    except KeyboardInterrupt:
        return 130


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
