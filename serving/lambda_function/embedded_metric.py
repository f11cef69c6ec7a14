"""Log line of a Lambda function in CloudWatch's embedded metric format (EMF)."""

import json
from datetime import UTC, datetime
from typing import Any

from bundle.reload_metrics import DIMENSION, NAMESPACE


def metric_line(level: str, event: str, *, function: str, metric: str, **fields: Any) -> str:
    """Returns a line of JSON from which CloudWatch extracts a count of 1.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

    Args:
        level: info, warning or error.
        event: Constant name of the event.
        function: Name of the function, the metric's dimension.
        metric: Name of the metric.
        **fields: Details of the event.
    """
    now = datetime.now(UTC)
    definition = {
        "Namespace": NAMESPACE,
        "Dimensions": [[DIMENSION]],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    return json.dumps(
        {
            "time": now.isoformat(timespec="milliseconds"),
            "level": level,
            "event": event,
            **fields,
            DIMENSION: function,
            metric: 1,
            "_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [definition]},
        }
    )
