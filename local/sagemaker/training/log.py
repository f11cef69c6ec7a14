"""What an instance writes, line by line on its way to CloudWatch."""

import threading
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Any

GROUP = "/aws/sagemaker/TrainingJobs"
# CloudWatch takes so many events at once, and no empty message.
_MOST = 1000
_EMPTY = " "

Event = dict[str, Any]


class Log:
    """Sends an instance's lines to its stream, those that came while the ones before were being sent at once.

    Args:
        lines: What it writes.
        logs: A client of CloudWatch Logs.
        stream: Where its lines go.
    """

    def __init__(self, lines: IO[str], *, logs: Any, stream: str) -> None:
        self.text: list[str] = []
        self._lines = lines
        self._logs = logs
        self._stream = stream
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._sender = threading.Thread(target=self._send, daemon=True)

    def start(self) -> None:
        """Begin to read and to send."""
        threading.Thread(target=self._read, daemon=True).start()
        self._sender.start()

    def join(self) -> None:
        """Wait until the last line was sent."""
        self._sender.join()

    def _read(self) -> None:
        for line in self._lines:
            self.text.append(line.rstrip("\n"))
            self._queue.put({"timestamp": int(time.time() * 1000), "message": self.text[-1] or _EMPTY})
        self._queue.put(None)

    def _send(self) -> None:
        with suppress(self._logs.exceptions.ResourceAlreadyExistsException):
            self._logs.create_log_group(logGroupName=GROUP)
        self._logs.create_log_stream(logGroupName=GROUP, logStreamName=self._stream)
        while (event := self._queue.get()) is not None:
            events = [event, *self._waiting()]
            self._logs.put_log_events(logGroupName=GROUP, logStreamName=self._stream, logEvents=events)

    def _waiting(self) -> list[Event]:
        """What has come meanwhile."""
        found: list[Event] = []
        with suppress(Empty):
            while len(found) < _MOST:
                event = self._queue.get_nowait()
                if event is None:
                    # The end is for the loop to see.
                    self._queue.put(None)
                    return found
                found.append(event)
        return found
