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
        self._sender = threading.Thread(target=self._send, daemon=True)

    def start(self) -> None:
        """Starts the threads that read and send."""
        threading.Thread(target=self._read, daemon=True).start()
        self._sender.start()

    def join(self) -> None:
        """Waits until the last line is sent."""
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
