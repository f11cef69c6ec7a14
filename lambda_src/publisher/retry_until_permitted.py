"""Calls of AWS whose permission may be seconds old."""

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ClientError

_PERMISSION_SECONDS = 30.0
# Of S3 without and with a body, and of SageMaker.
_DENIED = ("403", "AccessDenied", "AccessDeniedException")
_Result = TypeVar("_Result")


def retry_until_permitted(
    call: Callable[[], _Result],
    *,
    seconds: float = _PERMISSION_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> _Result:
    """Returns the result of `call`, which is tried again each second while AWS denies access.

    The stack grants the permission just before, and IAM is eventually consistent:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency

    Args:
        call: A call of AWS.
        seconds: How long it is tried again.
        clock: Monotonic clock, in seconds.
        sleep: Waits for some seconds.

    Raises:
        ClientError: Access is still denied after `seconds`, or AWS refuses for another reason.
    """
    deadline = clock() + seconds
    while True:
        try:
            return call()
        except ClientError as error:
            denied = error.response["Error"]["Code"] in _DENIED
            if not denied or clock() >= deadline:
                raise
            sleep(1.0)
