"""Buffer of captured calls, which are written to S3 together."""

import threading
import time
import uuid
from collections.abc import Callable, Sequence

from bundle.cloudwatch_metrics import CAPTURE_WRITE_SECONDS, CAPTURES_LOST
from serving.capture.record import CapturedRequest, encode_record
from serving.lambda_function.embedded_metric import metric_line
from serving.lambda_function.s3 import S3Client, S3Error

# Of bodies in memory.
_MOST_BYTES = 4 << 20
_MEDIA_TYPE = "application/jsonlines"


class CaptureBuffer:
    """Keeps calls in memory until they are written, one object for each hour of a batch.

    Args:
        folder: S3 URI of the folder, to which the hours are added: yyyy/mm/dd/hh.
        s3: Client of S3.
        function: Name of the function, for its metrics.
        clock: Seconds of the wall clock; the monotonic clock may stop between requests.
        log: Writes a line to the log.
    """

    def __init__(
        self,
        folder: str,
        s3: S3Client,
        *,
        function: str,
        clock: Callable[[], float] = time.time,
        log: Callable[[str], None] = lambda line: print(line, flush=True),
    ) -> None:
        self._folder = folder
        self._s3 = s3
        self._function = function
        self._clock = clock
        self._log = log
        self._changing = threading.Lock()
        self._writing = threading.Lock()
        self._calls: list[CapturedRequest] = []
        self._bytes = 0
        self._written: float | None = None

    def add(self, call: CapturedRequest) -> None:
        """Adds a call."""
        with self._changing:
            self._calls.append(call)
            self._bytes += len(call.request) + len(call.response)

    @property
    def is_due(self) -> bool:
        """Whether the calls should be written: the first ones at once, others in a batch."""
        if not self._calls:
            return False
        is_recent = self._written is not None and 0 <= self._clock() - self._written < CAPTURE_WRITE_SECONDS
        return not is_recent or self._bytes >= _MOST_BYTES

    def write(self, *, seconds: float) -> None:
        """Writes all calls; those that S3 does not accept are lost, and the log says how many.

        It also waits for a write of another thread, so that the process can end after the last one.

        Args:
            seconds: Time limit of each object.
        """
        with self._writing:
            with self._changing:
                calls, self._calls, self._bytes = self._calls, [], 0
            self._written = self._clock()
            hours: dict[str, list[CapturedRequest]] = {}
            for call in calls:
                hours.setdefault(f"{call.time:%Y/%m/%d/%H}", []).append(call)
            for hour, found in hours.items():
                self._write_hour(hour, found, seconds)

    def _write_hour(self, hour: str, calls: Sequence[CapturedRequest], seconds: float) -> None:
        first = calls[0].time
        # SageMaker names a file after minute, second and millisecond of its first record.
        name = f"{first:%M-%S}-{first.microsecond // 1000:03}-{uuid.uuid4()}.jsonl"
        lines = b"".join(encode_record(call, event_id=str(uuid.uuid4())) + b"\n" for call in calls)
        url = f"{self._folder}/{hour}/{name}"
        try:
            self._s3.write(url, lines, media_type=_MEDIA_TYPE, seconds=seconds)
        except Exception as error:
            # The caller is about to send a response, and an error here must not take its place.
            why = f"{error}" if isinstance(error, S3Error) else f"{type(error).__name__}: {error}"
            reason = f"{url} cannot be written: {why}."
            self._log(
                metric_line(
                    "error",
                    "captures lost",
                    function=self._function,
                    metric=CAPTURES_LOST,
                    value=len(calls),
                    reason=reason,
                )
            )
