"""What happens to a function's model beside its requests: a line of JSON for the log that is a metric too.

Lambda's runtime client gives lines of `logging` a shape of its own, so these are printed.
"""

import json
from datetime import UTC, datetime
from typing import Any

from bundle.reload_metrics import DIMENSION, NAMESPACE


def notice(level: str, event: str, *, function: str, counted: str, **fields: Any) -> str:
    """One line, in CloudWatch's embedded metric format.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

    Args:
        level: info, warning or error.
        event: What happened, the same words each time.
        function: Name of the function.
        counted: The metric that counts it.
        **fields: What it happened to.
    """
    now = datetime.now(UTC)
    metric = {
        "Namespace": NAMESPACE,
        "Dimensions": [[DIMENSION]],
        "Metrics": [{"Name": counted, "Unit": "Count"}],
    }
    return json.dumps(
        {
            "time": now.isoformat(timespec="milliseconds"),
            "level": level,
            "event": event,
            **fields,
            DIMENSION: function,
            counted: 1,
            "_aws": {"Timestamp": int(now.timestamp() * 1000), "CloudWatchMetrics": [metric]},
        }
    )
