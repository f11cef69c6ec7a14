"""Lock of the runs: one execution of the state machine at a time trains or releases."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

# 409 is the answer to one of two requests at the same time:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
_ABSENT = ("NoSuchKey", "404")


class _Holder(NamedTuple):
    """Execution that has the lock, the time when it took it, and the condition to replace its lock."""

    execution: str
    since: datetime | None
    condition: dict[str, str]


class RunLock:
    """An object in S3 that names the execution in progress; a lock whose execution has ended is free.

    Step Functions lists executions with a delay, and S3 writes under a condition without one. Nothing removes
    the object, so that a run that is aborted leaves no lock behind.

    Args:
        s3: S3 client of boto3.
        bucket: Bucket of the object.
        key: Its key.
        is_running: Returns whether the execution of an ARN is in progress, which took the lock at a time.
    """

    def __init__(
        self, s3: Any, *, bucket: str, key: str, is_running: Callable[[str, datetime | None], bool]
    ) -> None:
        self._s3 = s3
        self._place = {"Bucket": bucket, "Key": key}
        self._is_running = is_running

    def take(self, execution: str) -> str:
        """Takes the lock for an execution; returns the ARN of the other one that has it, "" if it is taken.

        An execution that has the lock already may take it again.

        Raises:
            ClientError: S3 refuses a request.
        """
        holder = self._read()
        if holder.execution == execution:
            return ""
        if holder.execution and self._is_running(holder.execution, holder.since):
            return holder.execution
        try:
            self._s3.put_object(
                **self._place, Body=json.dumps({"execution": execution}).encode(), **holder.condition
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _TAKEN:
                raise
            # A request whose answer is lost is repeated, and then the first one has written the lock.
            winner = self._read().execution
            return "" if winner == execution else winner or "another execution"
        return ""

    def _read(self) -> _Holder:
        try:
            found = self._s3.get_object(**self._place)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            return _Holder("", None, {"IfNoneMatch": "*"})
        execution = json.loads(found["Body"].read())["execution"]
        return _Holder(execution, found["LastModified"], {"IfMatch": found["ETag"]})
