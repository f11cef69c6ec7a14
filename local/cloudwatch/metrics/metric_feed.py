"""Values of metrics on their way into MiniStack's CloudWatch, where its API and the alarms read them."""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch

# Values of one metric that are kept: of more, the older half is dropped. They are kept in memory, and an
# alarm reads its evaluation range only.
MAX_VALUES = 40_000


class MetricFeed:
    """Records values of metrics; safe for use by several threads.

    Args:
        clock: Returns seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()

    def __call__(
        self,
        namespace: str,
        name: str,
        value: float,
        /,
        *,
        unit: str,
        dimensions: Mapping[str, str],
        timestamp: float | None = None,
    ) -> None:
        """Records a value.

        Args:
            namespace: Such as AWS/SageMaker.
            name: Name of the metric.
            value: The value.
            unit: Unit, such as Count; None for a metric without one.
            dimensions: Dimensions; each combination is a metric of its own.
            timestamp: Seconds since 1970, None for now.
        """
        point = {
            "Timestamp": self._clock() if timestamp is None else timestamp,
            "Value": float(value),
            "Unit": unit,
            "Dimensions": dict(dimensions),
        }
        key = (namespace, name, cloudwatch._dims_key(dict(dimensions)))
        with self._lock:
            values: list[dict[str, Any]] = cloudwatch._metric_bucket(key)
            values.append(point)
            if len(values) > MAX_VALUES:
                del values[: MAX_VALUES // 2]
