"""Log of a training instance: sends its output lines to CloudWatch Logs."""

import logging
import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError

logger = logging.getLogger(__name__)

_GROUP = "/aws/sagemaker/TrainingJobs"
# A batch for PutLogEvents; CloudWatch refuses empty messages.
_MAX_EVENTS = 1000
_EMPTY_MESSAGE = " "
# The end of the output is late only when a process that the instance has started still holds it.
_END_SECONDS = 5.0

LogEvent = dict[str, Any]


class InstanceLog:
    """Sends an instance's output to its log stream; lines that arrive during a request form the next batch.

    Args:
        lines: The instance's output.
        logs: A boto3 client of CloudWatch Logs.
        stream: The name of the log stream.

    Attributes:
        text: All lines so far.
    """

    def __init__(self, lines: IO[str], *, logs: Any, stream: str) -> None:
        self.text: list[str] = []
        self._lines = lines
        self._logs = logs
        self._stream = stream
        self._queue: SimpleQueue[LogEvent | None] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._sender = threading.Thread(target=self._send, daemon=True)

    def start(self) -> None:
        """Starts the threads that read and send."""
        self._reader.start()
        self._sender.start()

    def join(self, *, seconds: float = _END_SECONDS) -> None:
        """Waits until the last line is sent.

        Args:
            seconds: How long the output may stay open after the end of the instance. SageMaker ends a
                container with all its processes; here one that was left behind may hold the output.
        """
        self._reader.join(seconds)
        if self._reader.is_alive():
            logger.warning(
                "A process of %s still runs after the instance's end: its log ends here.", self._stream
            )
            self._queue.put(None)
        self._sender.join()

    def _read(self) -> None:
        with self._lines:
            for line in self._lines:
                self.text.append(line.rstrip("\n"))
                message = self.text[-1] or _EMPTY_MESSAGE
                self._queue.put({"timestamp": int(time.time() * 1000), "message": message})
        self._queue.put(None)

    def _send(self) -> None:
        try:
            self._send_all()
        except (ClientError, BotoCoreError) as error:
            # As on AWS, a role that may not write them does not fail its job.
            logger.warning("The log of %s is lost: %s", self._stream, error)

    def _send_all(self) -> None:
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_group(logGroupName=_GROUP)
        self._logs.create_log_stream(logGroupName=_GROUP, logStreamName=self._stream)
        while (event := self._queue.get()) is not None:
            events = [event, *self._queued()]
            self._logs.put_log_events(logGroupName=_GROUP, logStreamName=self._stream, logEvents=events)

    def _queued(self) -> list[LogEvent]:
        found: list[LogEvent] = []
        with suppress(Empty):
            while len(found) < _MAX_EVENTS - 1:
                event = self._queue.get_nowait()
                if event is None:
                    # The end marker, for the loop in _send.
                    self._queue.put(None)
                    return found
                found.append(event)
        return found
