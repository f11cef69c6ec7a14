"""Log line of a Lambda function in CloudWatch's embedded metric format (EMF)."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from bundle.cloudwatch_metrics import DIMENSION, NAMESPACE


def metric_line(
    level: str,
    event: str,
    *,
    function: str,
    metric: str,
    value: float | Sequence[int] = 1,
    unit: str = "Count",
    dimensions: Mapping[str, str] = MappingProxyType({}),
    **fields: Any,
) -> str:
    """Returns a line of JSON from which CloudWatch extracts a metric.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

    Args:
        level: info, warning or error.
        event: Constant name of the event.
        function: Name of the function, the metric's dimension.
        metric: Name of the metric.
        value: One value, or several counts.
        unit: Unit of the values.
        dimensions: Dimensions of the metric beside the function.
        **fields: Details of the event.
    """
    now = datetime.now(UTC)
    definition = {
        "Namespace": NAMESPACE,
        "Dimensions": [[DIMENSION, *dimensions]],
        "Metrics": [{"Name": metric, "Unit": unit}],
    }
    return json.dumps(
        {
            "time": now.isoformat(timespec="milliseconds"),
            "level": level,
            "event": event,
            **fields,
            DIMENSION: function,
            **dimensions,
            metric: value,
            "_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [definition]},
        }
    )
