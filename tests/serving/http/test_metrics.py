"""Metrics: counters and gauges in Prometheus's format, and the access log."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from serving.http.exchange import Exchange
from serving.http.metrics import AccessLog, ServerMetrics
from serving.http.response import Response
from serving.http.route import INFERENCE
from tests.serving.clock import FakeClock


def samples(metrics: ServerMetrics) -> dict[str, float]:
    """Returns the samples by name and labels, as Prometheus parses them."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_responses_are_counted_by_route_and_status() -> None:
    metrics = ServerMetrics()
    for status in (200, 200, 422):
        metrics.count(INFERENCE, status, 0.001, 1)
    metrics.count("ping", 503, 0.001, 0)

    found = samples(metrics)

    assert found["serving_requests_total invocations 200"] == 2
    assert found["serving_requests_total invocations 422"] == 1
    assert found["serving_requests_total ping 503"] == 1


def test_rows_and_seconds_are_counted_for_predictions_only() -> None:
    metrics = ServerMetrics()
    metrics.count(INFERENCE, 200, 0.003, 10)
    metrics.count("ping", 200, 5.0, 0)

    found = samples(metrics)

    assert found["serving_rows_total"] == 10
    assert found["serving_request_seconds_count"] == 1
    assert found["serving_request_seconds_sum"] == 0.003


def test_a_bucket_counts_the_values_up_to_its_bound() -> None:
    metrics = ServerMetrics()
    for size in (1, 2, 3, 64, 1_000):
        metrics.count_batch(size)

    found = samples(metrics)

    buckets = {
        bound: found[f"serving_batch_requests_bucket {bound}"]
        for bound in ("1.0", "2.0", "4.0", "64.0", "+Inf")
    }
    assert buckets == {"1.0": 1, "2.0": 2, "4.0": 3, "64.0": 4, "+Inf": 5}
    assert found["serving_batch_requests_sum"] == 1_070


def test_gauges_and_models_are_measured_when_metrics_are_requested() -> None:
    metrics = ServerMetrics()
    lengths = [3, 7]
    metrics.gauges = {("serving_queue_requests", "Requests that wait."): lambda: lengths.pop()}
    metrics.models = lambda: [("tiny", "c0ffee")]

    found = samples(metrics)

    assert found["serving_queue_requests"] == 7
    assert found["serving_model_info tiny c0ffee"] == 1
    assert samples(metrics)["serving_queue_requests"] == 3


def test_the_counts_of_other_fronts_are_added() -> None:
    first, second = ServerMetrics(), ServerMetrics()
    for metrics, status, size in ((first, 200, 1), (second, 422, 64)):
        metrics.count(INFERENCE, 200, 0.003, 10)
        metrics.count(INFERENCE, status, 0.003, 1)
        metrics.count_batch(size)
        metrics.count_warnings({"out_of_range": 2})
        metrics.restarts = metrics.failures = 1
        metrics.gauges = {("serving_connections", "Connections."): lambda: 3}
        metrics.models = lambda: [("tiny", "c0ffee")]
    first.others = lambda: [second.counts(), second.counts().without_gauges()]

    found = samples(first)

    assert found["serving_requests_total invocations 200"] == 4
    assert found["serving_requests_total invocations 422"] == 2
    assert found["serving_rows_total"] == 33
    assert found["serving_request_seconds_count"] == 6
    assert (found["serving_batch_requests_bucket 1.0"], found["serving_batch_requests_sum"]) == (1, 129)
    assert found["serving_warnings_total out_of_range"] == 6
    assert found["serving_worker_restarts_total"] == found["serving_inference_failures_total"] == 3
    assert found["serving_connections"] == 6
    assert found["serving_model_info tiny c0ffee"] == 1


def recorded(route: str, status: int, *, sample: float, caplog: pytest.LogCaptureFixture) -> list[object]:
    """Records one response 0.25 s after its request and returns the fields of the logged events."""
    exchange = Exchange(lambda *_: None)
    exchange.route, exchange.body, exchange.arrived = route, b"abc", 999.75
    with caplog.at_level("INFO"):
        log = AccessLog(ServerMetrics(), sample=sample, clock=FakeClock(1_000.0))
        log.record(exchange, Response(status, b"", b"abcd", 1))
    return [record.__dict__["fields"] for record in caplog.records]


def test_a_sampled_response_is_logged_with_its_sizes_and_its_duration(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert recorded(INFERENCE, 200, sample=1.0, caplog=caplog) == [
        {
            "route": "invocations",
            "status": 200,
            "milliseconds": 250.0,
            "rows": 1,
            "request_bytes": 3,
            "response_bytes": 4,
        }
    ]


@pytest.mark.parametrize(
    ("route", "status", "logged"), [(INFERENCE, 500, 1), (INFERENCE, 422, 0), ("ping", 503, 0)]
)
def test_failures_are_logged_without_a_sample_except_those_of_ping(
    route: str, status: int, logged: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert len(recorded(route, status, sample=0.0, caplog=caplog)) == logged
