"""What the commands of this room have in common: the target, and one sentence for what they cannot do."""

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
    """Does a command's work on the stack that its arguments of `target_parser` mean.

    Returns:
        The exit code: that of the work, 1 when there is nothing to work on, 130 when it was interrupted.
    """
    try:
        target = find_target(models=arguments.models, stack=arguments.stack, bundles=arguments.bundles)
        return work(target, Account(boto3.Session()))
    except (SmokeError, BundleError) as error:
        return _give_up(str(error))
    except (BotoCoreError, ClientError) as error:
        return _give_up(f"AWS does not say what is deployed: {error}")
    except KeyboardInterrupt:
        return 130


def _give_up(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
