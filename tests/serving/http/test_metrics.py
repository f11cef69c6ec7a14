"""What Prometheus is told."""

from prometheus_client.parser import text_string_to_metric_families

from serving.http.metrics import INFERENCE, Metrics


def told(metrics: Metrics) -> dict[str, float]:
    """The samples by name and labels, as Prometheus itself reads them."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_answers_are_counted_by_route_and_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 422):
        metrics.count(INFERENCE, status, 0.001, 1)
    metrics.count("ping", 503, 0.001, 0)

    found = told(metrics)

    assert found["serving_requests_total invocations 200"] == 2
    assert found["serving_requests_total invocations 422"] == 1
    assert found["serving_requests_total ping 503"] == 1


def test_rows_and_seconds_are_those_of_predictions_alone() -> None:
    metrics = Metrics()
    metrics.count(INFERENCE, 200, 0.003, 10)
    metrics.count("ping", 200, 5.0, 0)

    found = told(metrics)

    assert found["serving_rows_total"] == 10
    assert found["serving_request_seconds_count"] == 1
    assert found["serving_request_seconds_sum"] == 0.003


def test_a_bucket_holds_everything_up_to_its_bound() -> None:
    metrics = Metrics()
    for size in (1, 2, 3, 64, 1_000):
        metrics.count_batch(size)

    found = told(metrics)

    buckets = {
        bound: found[f"serving_batch_requests_bucket {bound}"]
        for bound in ("1.0", "2.0", "4.0", "64.0", "+Inf")
    }
    assert buckets == {"1.0": 1, "2.0": 2, "4.0": 3, "64.0": 4, "+Inf": 5}
    assert found["serving_batch_requests_sum"] == 1_070


def test_what_is_measured_is_measured_when_it_is_asked_for() -> None:
    metrics = Metrics()
    lengths = [3, 7]
    metrics.gauges = {("serving_queue_requests", "Requests that wait."): lambda: lengths.pop()}
    metrics.models = lambda: [("tiny", "c0ffee")]

    found = told(metrics)

    assert found["serving_queue_requests"] == 7
    assert found["serving_model_info tiny c0ffee"] == 1
    assert told(metrics)["serving_queue_requests"] == 3
