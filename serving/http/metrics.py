"""Counters for Prometheus (GET /metrics), and the access log: both record each response."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from serving.http.metric_counts import (
    BATCH_BUCKETS,
    LATENCY_BUCKETS,
    Counts,
    DirectCounts,
    HistogramCounts,
    total,
)
from serving.http.response import ResponseRecord
from serving.http.route import INFERENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from serving.http.exchange import Exchange
    from serving.http.response import Response

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"


class Histogram:
    """Counts values by bucket."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Counts a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def add(self, counted: HistogramCounts) -> None:
        """Adds the counts of another process."""
        self._counts = [*map(sum, zip(self._counts, counted.buckets, strict=True))]
        self._sum += counted.sum

    def counts(self) -> HistogramCounts:
        """Returns the counts until now."""
        return HistogramCounts(tuple(self._counts), self._sum)

    def family(self, name: str, text: str, counted: HistogramCounts) -> HistogramMetricFamily:
        """Returns counts in Prometheus's form, in which each bucket includes all below it."""
        running, buckets = 0, []
        for bound, count in zip((*map(str, self._bounds), "+Inf"), counted.buckets, strict=True):
            running += count
            buckets.append((bound, running))
        return HistogramMetricFamily(name, text, buckets=buckets, sum_value=counted.sum)


class ServerMetrics(Collector):
    """Plain counters of the server; they become Prometheus metrics only when /metrics is requested.

    Attributes:
        restarts: Workers started to replace others.
        failures: Requests that the model failed on.
        gauges: Functions that measure a value when /metrics is requested, by name and help text.
        models: Returns name and version of each loaded model.
        others: Returns the counts of other front processes, which the text includes.
    """

    def __init__(self) -> None:
        self.restarts = 0
        self.failures = 0
        self.gauges: dict[tuple[str, str], Callable[[], float]] = {}
        self.models: Callable[[], list[tuple[str, str]]] = list
        self.others: Callable[[], list[Counts]] = list
        self._statuses: defaultdict[tuple[str, int], int] = defaultdict(int)
        self._rows = 0
        self._warnings: defaultdict[str, int] = defaultdict(int)
        self._latency = Histogram(LATENCY_BUCKETS)
        self._batches = Histogram(BATCH_BUCKETS)
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def count(self, route: str, status: int, seconds: float, rows: int) -> None:
        """Counts a response.

        Args:
            route: Name of the request's route.
            status: HTTP status.
            seconds: Time since the request was complete.
            rows: Number of predictions.
        """
        self._statuses[route, status] += 1
        if route is INFERENCE:
            self._latency.observe(seconds)
            self._rows += rows

    def count_warnings(self, warnings: Mapping[str, int]) -> None:
        """Counts the warnings of a response, given their number by kind."""
        for kind, count in warnings.items():
            self._warnings[kind] += count

    def count_batch(self, size: int) -> None:
        """Counts a batch of `size` requests sent to a worker."""
        self._batches.observe(size)

    def add(self, counted: DirectCounts) -> None:
        """Adds responses that a worker has sent itself."""
        if counted.responses:
            self._statuses[INFERENCE, 200] += counted.responses
        self._latency.add(counted.latency)
        self._batches.add(counted.batches)
        self._rows += counted.rows
        self.count_warnings(counted.warnings)

    def counts(self) -> Counts:
        """Returns the counts until now, and the gauges."""
        return Counts(
            responses=dict(self._statuses),
            latency=self._latency.counts(),
            batches=self._batches.counts(),
            rows=self._rows,
            warnings=dict(self._warnings),
            restarts=self.restarts,
            failures=self.failures,
            gauges=tuple(measure() for measure in self.gauges.values()),
            models=self.models(),
        )

    def text(self) -> bytes:
        """Returns all metrics in Prometheus's text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Yields all metrics for Prometheus's client library."""
        found = total([self.counts(), *self.others()])
        requests = CounterMetricFamily("serving_requests", "Requests answered.", labels=["route", "status"])
        for (route, status), count in sorted(found.responses.items()):
            requests.add_metric([route, str(status)], count)
        yield requests
        seconds = "Time from a complete request to its answer."
        yield self._latency.family("serving_request_seconds", seconds, found.latency)
        together = "Requests that went to a worker together."
        yield self._batches.family("serving_batch_requests", together, found.batches)
        yield CounterMetricFamily("serving_rows", "Rows predicted.", value=found.rows)
        warnings = CounterMetricFamily("serving_warnings", "Warnings of predictions.", labels=["kind"])
        for kind, count in sorted(found.warnings.items()):
            warnings.add_metric([kind], count)
        yield warnings
        yield CounterMetricFamily("serving_worker_restarts", "Workers replaced.", value=found.restarts)
        yield CounterMetricFamily(
            "serving_inference_failures", "Requests that the model failed on.", value=found.failures
        )
        for (name, text), value in zip(self.gauges, found.gauges, strict=True):
            yield GaugeMetricFamily(name, text, value=value)
        info = InfoMetricFamily("serving_model", "The models that are loaded.", labels=["name"])
        for name, version in found.models:
            info.add_metric([name], {"version": version})
        yield info


class AccessLog:
    """Counts every response, and logs every failure and a sample of the rest."""

    def __init__(self, metrics: ServerMetrics, *, sample: float, clock: Callable[[], float]) -> None:
        """Creates the log; it logs a share `sample`, from 0 to 1, of the requests without a failure."""
        self._metrics = metrics
        self._sample = sample
        self._clock = clock

    def record(self, exchange: Exchange, response: Response) -> None:
        """Counts a response that is sent now, and logs it when it is a failure or in the sample."""
        route, seconds = exchange.route, self._clock() - exchange.arrived
        self.count(route, response, seconds)
        # A change of /ping is an event of its own already.
        if (response.status >= 500 and route != "ping") or random.random() < self._sample:  # noqa: S311
            ResponseRecord.of(response, seconds, len(exchange.body)).log(route)

    def count(self, route: str, response: Response | ResponseRecord, seconds: float) -> None:
        """Counts a response to a request of a route, which was complete so many seconds ago."""
        self._metrics.count(route, response.status, seconds, response.rows)
        if response.warnings:
            self._metrics.count_warnings(response.warnings)
