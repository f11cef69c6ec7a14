"""Values of metrics on their way into MiniStack's CloudWatch, where its API and the alarms read them."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ministack.services import cloudwatch

# Values of one metric that are kept in memory: of more, the older half is dropped. The range of an alarm on
# datapoints of a minute has seven minutes, at the speed of AWS 47 requests a second.
MAX_VALUES = 20_000

# Namespace, name and dimensions.
_SeriesKey = tuple[str, str, tuple[tuple[str, str], ...]]


class MetricFeed:
    """Records values of metrics; safe for use by several threads.

    Args:
        clock: Returns seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # Each value refers to one mapping of its metric, which saves half of the memory.
        self._dimensions: dict[_SeriesKey, tuple[str, Mapping[str, str]]] = {}

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
        series = (namespace, name, tuple(dimensions.items()))
        at = self._clock() if timestamp is None else timestamp
        with self._lock:
            if series not in self._dimensions:
                kept = dict(dimensions)
                self._dimensions[series] = (cloudwatch._dims_key(kept), kept)
            key, shared = self._dimensions[series]
            values: list[dict[str, Any]] = cloudwatch._metric_bucket((namespace, name, key))
            values.append({"Timestamp": at, "Value": float(value), "Unit": unit, "Dimensions": shared})
            if len(values) > MAX_VALUES:
                del values[: MAX_VALUES // 2]

    def record_all(
        self,
        namespace: str,
        values: Iterable[tuple[str, float, str]],
        *,
        combinations: Iterable[Mapping[str, str]],
    ) -> None:
        """Records name, value and unit of several metrics under each combination of dimensions."""
        recorded = list(values)
        for dimensions in combinations:
            for name, value, unit in recorded:
                self(namespace, name, value, unit=unit, dimensions=dimensions)


def evict_old_values() -> None:
    """Drops values that are too old; MiniStack's own eviction copies all values at each request.

    Only a metric whose first value is too old is looked through.
    """
    oldest = time.time() - cloudwatch.TWO_WEEKS_SECONDS
    for key, values in cloudwatch._metrics.items():
        if values and values[0]["Timestamp"] < oldest:
            values[:] = [value for value in values if value["Timestamp"] >= oldest]
        if not values:
            cloudwatch._metrics.pop(key, None)
