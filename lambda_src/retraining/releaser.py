"""States Release and Undo: start the update of the stack to a version."""

import hashlib
import os
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config

from .resources.served_stack import ServedStack

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})


def handler(event: Mapping[str, Any], _context: Any) -> dict[str, str]:
    """Starts the update.

    Args:
        event: `version` to release, and the one that it `replaces`; `execution` and `state` that release it.

    Returns:
        `version`, and `token` of the update; "" when the version serves already.

    Raises:
        StackBusyError: Another update is in progress.
        OtherVersionError: A third version serves.
        ClientError: CloudFormation refuses the update.
    """
    stack = ServedStack(boto3.client("cloudformation", config=_CONFIG), os.environ["STACK"])
    # The same token for an attempt that is repeated, so that it starts no second update.
    name = f"{event['execution']} {event['state']} {event['version']}"
    token = hashlib.sha256(name.encode()).hexdigest()
    started = stack.release(event["version"], replaces=event["replaces"], token=token)
    return {"version": event["version"], "token": token if started else ""}
