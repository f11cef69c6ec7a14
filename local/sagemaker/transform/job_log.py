"""Data log of an instance of a transform job: what SageMaker itself writes about the job and its objects.

https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html; the form of the lines is that of
https://github.com/aws/sagemaker-tensorflow-serving-container/issues/93
"""

import logging
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

logger = logging.getLogger(__name__)

TRANSFORM_LOG_GROUP = "/aws/sagemaker/TransformJobs"


class DataLog:
    """A log stream; lines that the role may not write are lost, as on AWS.

    Args:
        logs: A boto3 client of CloudWatch Logs with the permissions of the role.
        stream: The name of the log stream.
    """

    def __init__(self, logs: Any, *, stream: str) -> None:
        self._logs = logs
        self._names = {"logGroupName": TRANSFORM_LOG_GROUP, "logStreamName": stream}
        self._writing = threading.Lock()
        self._exists = False

    def write(self, *lines: str) -> None:
        """Writes lines."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
        moment = int(time.time() * 1000)
        events = [{"timestamp": moment, "message": f"{now}:[sagemaker logs]: {line}"} for line in lines]
        try:
            with self._writing:
                self._create()
                self._logs.put_log_events(**self._names, logEvents=events)
        except (ClientError, BotoCoreError) as error:
            logger.warning("A line of the log %s is lost: %s", self._names["logStreamName"], error)

    def _create(self) -> None:
        if self._exists:
            return
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_group(logGroupName=TRANSFORM_LOG_GROUP)
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_stream(**self._names)
        self._exists = True
