"""Log of a serving process: sends its lines to CloudWatch Logs, with the role of its model.

SageMaker calls these four actions: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

import logging
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

logger = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.5
# CloudWatch refuses empty messages.
_EMPTY_MESSAGE = " "


class ContainerLog:
    """Follows a log file until it is closed; lines that may not be written are lost, as on AWS.

    Args:
        file: The log file of the serving process.
        logs: A boto3 client of CloudWatch Logs with the permissions of the role.
        group: The name of the log group.
        stream: The name of the log stream.
    """

    def __init__(self, file: Path, *, logs: Any, group: str, stream: str) -> None:
        self._file = file
        self._logs = logs
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._sent = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        """Starts to follow the file."""
        self._thread.start()

    def close(self) -> None:
        """Sends the last lines; returns when they are sent."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _follow(self) -> None:
        try:
            self._create_stream()
            while not self._closing.wait(_PAUSE_SECONDS):
                self._send()
            self._send()
        except (ClientError, BotoCoreError) as error:
            logger.warning("The log of %s is lost: %s", self._names["logGroupName"], error)

    def _create_stream(self) -> None:
        exists = self._logs.exceptions.ResourceAlreadyExistsException
        group, stream = self._names["logGroupName"], self._names["logStreamName"]
        with suppress(exists):
            self._logs.create_log_group(logGroupName=group)
        found = self._logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)
        if not found["logStreams"]:
            self._logs.create_log_stream(**self._names)

    def _send(self) -> None:
        with suppress(FileNotFoundError):
            with self._file.open("rb") as file:
                file.seek(self._sent)
                unsent = file.read()
            complete = unsent[: unsent.rfind(b"\n") + 1]
            if complete:
                now = int(time.time() * 1000)
                lines = complete.decode(errors="replace").splitlines()
                events = [{"timestamp": now, "message": line or _EMPTY_MESSAGE} for line in lines]
                self._logs.put_log_events(**self._names, logEvents=events)
                self._sent += len(complete)
