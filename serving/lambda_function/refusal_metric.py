"""Metric of the requests that a version of the function refuses, in log lines.

Lambda counts errors of a function only, and a refused request is none: a bundle that refuses every row would
pass the canary of an update without this metric.
"""

import time
from collections.abc import Callable

from bundle.cloudwatch_metrics import REQUESTS_REFUSED, VERSION
from serving.lambda_function.embedded_metric import metric_line

# Lambda itself writes three lines for each request.
_SECONDS_BETWEEN_LINES = 1.0
# Of one metric in a line:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
_MOST_VALUES = 100


class RefusalMetric:
    """Writes 1 for each refused request and 0 for each other one, several in a line.

    Lambda freezes a function between requests, so a later request writes the outcomes of the last seconds.

    Args:
        function: Name of the function.
        version: Its version.
        clock: Seconds of the wall clock; the monotonic clock may stop between requests.
        write: Writes a line to the log.
    """

    def __init__(
        self,
        *,
        function: str,
        version: str,
        clock: Callable[[], float] = time.time,
        write: Callable[[str], None] = lambda line: print(line, flush=True),
    ) -> None:
        self._function = function
        self._version = version
        self._clock = clock
        self._write = write
        self._outcomes: list[int] = []
        self._written: float | None = None

    def record(self, *, refused: bool) -> None:
        """Records the outcome of a request."""
        self._outcomes.append(int(refused))
        now = self._clock()
        is_recent = self._written is not None and 0 <= now - self._written < _SECONDS_BETWEEN_LINES
        if is_recent and len(self._outcomes) < _MOST_VALUES:
            return
        line = metric_line(
            "info",
            "requests",
            function=self._function,
            metric=REQUESTS_REFUSED,
            value=self._outcomes,
            dimensions={VERSION: self._version},
        )
        self._write(line)
        self._outcomes, self._written = [], now
