"""Figures about this process for Prometheus: GET /metrics."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
INFERENCE = "invocations"


class Histogram:
    """How often a value fell into which bucket."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Counts a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def family(self, name: str, text: str) -> HistogramMetricFamily:
        """The histogram as Prometheus takes it: each bucket with all below it."""
        total, buckets = 0, []
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            buckets.append((bound, total))
        return HistogramMetricFamily(name, text, buckets=buckets, sum_value=self._sum)


class Metrics(Collector):
    """Counters that cost next to nothing to count, put into Prometheus's words when it asks.

    Attributes:
        restarts: Workers started in the place of others.
        failures: Requests that the model failed on.
        gauges: What is measured when Prometheus asks: name and sentence, and how.
        models: Name and version of each model loaded.
    """

    def __init__(self) -> None:
        self.restarts = 0
        self.failures = 0
        self.gauges: dict[tuple[str, str], Callable[[], float]] = {}
        self.models: Callable[[], list[tuple[str, str]]] = list
        self._statuses: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._rows = 0
        self._latency = Histogram(SECONDS)
        self._batches = Histogram(SIZES)
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def count(self, route: str, status: int, seconds: float, rows: int) -> None:
        """Counts an answer, `seconds` after its request was complete."""
        self._statuses[route, status] += 1
        if route is INFERENCE:
            self._latency.observe(seconds)
            self._rows += rows

    def count_batch(self, size: int) -> None:
        """Counts requests that went to a worker together."""
        self._batches.observe(size)

    def text(self) -> bytes:
        """Everything in Prometheus's text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Everything as Prometheus's client library takes it."""
        requests = CounterMetricFamily("serving_requests", "Requests answered.", labels=["route", "status"])
        for (route, status), count in sorted(self._statuses.items()):
            requests.add_metric([route, str(status)], count)
        yield requests
        yield self._latency.family("serving_request_seconds", "Time from a complete request to its answer.")
        yield self._batches.family("serving_batch_requests", "Requests that went to a worker together.")
        yield CounterMetricFamily("serving_rows", "Rows predicted.", value=self._rows)
        yield CounterMetricFamily("serving_worker_restarts", "Workers replaced.", value=self.restarts)
        yield CounterMetricFamily(
            "serving_inference_failures", "Requests that the model failed on.", value=self.failures
        )
        for (name, text), measure in self.gauges.items():
            yield GaugeMetricFamily(name, text, value=measure())
        info = InfoMetricFamily("serving_model", "The models that are loaded.", labels=["name"])
        for name, version in self.models():
            info.add_metric([name], {"version": version})
        yield info
