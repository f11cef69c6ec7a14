"""Metrics in log lines of CloudWatch's embedded metric format (EMF).

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ministack.services import cloudwatch_logs

from local.cloudwatch.metrics.metric_feed import MetricFeed

_METADATA = "_aws"
_NO_UNIT = "None"


class EmbeddedValue(NamedTuple):
    """A value of a metric in a log line; the timestamp is in seconds since 1970."""

    namespace: str
    name: str
    value: float
    unit: str
    dimensions: Mapping[str, str]
    timestamp: float


def embedded_values(line: str) -> list[EmbeddedValue]:
    """Returns the values in a log line; none for a line of another format, which CloudWatch only stores."""
    if _METADATA not in line:
        return []
    try:
        root = json.loads(line)
        metadata = root[_METADATA]
        return [
            value
            for directive in metadata["CloudWatchMetrics"]
            for value in _values(root, directive, metadata["Timestamp"] / 1000)
        ]
    except (ValueError, TypeError, KeyError):
        return []


def install(feed: MetricFeed) -> None:
    """Extracts the values of all log events that reach MiniStack's CloudWatch Logs."""
    append = cloudwatch_logs._append_log_events
    cloudwatch_logs._append_log_events = _with_extraction(append, feed)


def _with_extraction(append: Callable[..., None], feed: MetricFeed) -> Callable[..., None]:
    def append_and_extract(stream: Any, events: Sequence[Mapping[str, Any]]) -> None:
        append(stream, events)
        for event in events:
            for found in embedded_values(event["message"]):
                feed(
                    found.namespace,
                    found.name,
                    found.value,
                    unit=found.unit,
                    dimensions=found.dimensions,
                    timestamp=found.timestamp,
                )

    return append_and_extract


def _values(
    root: Mapping[str, Any], directive: Mapping[str, Any], timestamp: float
) -> Iterator[EmbeddedValue]:
    for names in directive.get("Dimensions") or [[]]:
        dimensions = {name: str(root[name]) for name in names}
        for metric in directive["Metrics"]:
            found = root[metric["Name"]]
            for value in found if isinstance(found, list) else [found]:
                yield EmbeddedValue(
                    directive["Namespace"],
                    metric["Name"],
                    float(value),
                    metric.get("Unit", _NO_UNIT),
                    dimensions,
                    timestamp,
                )
