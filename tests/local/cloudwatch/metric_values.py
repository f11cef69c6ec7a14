"""Values of metrics in a running emulator, by GetMetricData."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local.local_aws import LocalAws

# One period with all values.
_TEN_YEARS = 10 * 365 * 86_400


def metric_values(
    aws: LocalAws, namespace: str, name: str, *, statistic: str = "Sum", **dimensions: str
) -> list[float]:
    """Returns the statistic of a metric since its first value, in a list that is empty without values."""
    metric = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    query: Any = {"Id": "m", "MetricStat": {"Metric": metric, "Period": _TEN_YEARS, "Stat": statistic}}
    now = datetime.now(UTC)
    [result] = aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=now - timedelta(days=1), EndTime=now + timedelta(minutes=1)
    )["MetricDataResults"]
    return [float(value) for value in result["Values"]]
