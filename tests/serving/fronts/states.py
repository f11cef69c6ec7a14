"""States of fronts with counts, for the tests of this room."""

from serving.http.metric_counts import Counts
from serving.http.metrics import ServerMetrics
from serving.http.route import INFERENCE


def counts(*, responses: int, connections: float | None = None) -> Counts:
    """Returns the counts of a front after so many responses, and its gauge of connections, if any."""
    metrics = ServerMetrics()
    if connections is not None:
        metrics.gauges = {("serving_connections", "Connections."): lambda: connections}
    for _ in range(responses):
        metrics.count(INFERENCE, 200, 0.001, 1)
    return metrics.counts()
