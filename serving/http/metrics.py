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

from serving.http.metric_counts import Counts, HistogramCounts, total
from serving.log import log_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from serving.http.exchange import Exchange
    from serving.http.response import Response, ResponseRecord

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

LATENCY_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
BATCH_BUCKETS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
INFERENCE = "invocations"


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

    def counts(self) -> HistogramCounts:
        """Returns what was counted until now."""
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

    def counts(self) -> Counts:
        """Returns what was counted until now, and the gauges."""
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
        seconds = self._clock() - exchange.arrived
        self.add(exchange.route, response, seconds, len(exchange.body), len(response.body))

    def add(
        self,
        route: str,
        response: Response | ResponseRecord,
        seconds: float,
        request_bytes: int,
        response_bytes: int,
    ) -> None:
        """Counts a response, and logs it when it is a failure or in the sample.

        Args:
            route: Name of the request's route.
            response: The response, or its record.
            seconds: Time since the request was complete.
            request_bytes: Size of the request's body.
            response_bytes: Size of the response's body.
        """
        self._metrics.count(route, response.status, seconds, response.rows)
        if response.warnings:
            self._metrics.count_warnings(response.warnings)
        failed = response.status >= 500
        # A change of /ping is an event of its own already.
        if (failed and route != "ping") or random.random() < self._sample:  # noqa: S311
            log_event(
                "warning" if failed else "info",
                "request",
                route=route,
                status=response.status,
                milliseconds=round(seconds * 1000, 3),
                rows=response.rows,
                request_bytes=request_bytes,
                response_bytes=response_bytes,
            )
