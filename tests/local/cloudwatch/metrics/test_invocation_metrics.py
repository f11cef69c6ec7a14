"""Metrics of invocations that need a clock, or an endpoint of another kind."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from local.sagemaker.invocation_metrics import InvocationMetrics

VARIANT = {"VariantName": "primary", "InitialInstanceCount": 1}
SERVERLESS = {"VariantName": "primary", "ServerlessConfig": {"MaxConcurrency": 8}}


class Recorded:
    """Records the values by EndpointName and VariantName."""

    def __init__(self) -> None:
        self.values: dict[str, list[float]] = {}

    def __call__(
        self, _namespace: str, name: str, value: float, /, *, dimensions: Mapping[str, str], **_options: str
    ) -> None:
        if dimensions == {"EndpointName": "a", "VariantName": "primary"}:
            self.values.setdefault(name, []).append(value)


def respond(status: int = 200) -> Any:
    return SimpleNamespace(status=status)


def test_overhead_is_the_time_that_the_container_did_not_take() -> None:
    recorded = Recorded()
    times = iter([0.0, 2.0, 5.0, 6.0])
    metrics = InvocationMetrics(recorded, clock=lambda: next(times))

    with metrics.measure("a", "config", VARIANT, instances=4) as request:
        request.send(respond)

    assert recorded.values["ModelLatency"] == [3_000_000]
    assert recorded.values["OverheadLatency"] == [3_000_000]


def test_load_is_measured_for_each_instance() -> None:
    recorded = Recorded()
    metrics = InvocationMetrics(recorded)

    with (
        metrics.measure("a", "config", VARIANT, instances=4) as outer,
        metrics.measure("a", "config", VARIANT, instances=4) as inner,
    ):
        inner.send(respond)
        outer.send(respond)

    assert recorded.values["ConcurrentRequestsPerModel"] == [2 / 4, 1 / 4]
    assert recorded.values["InvocationsPerInstance"] == [1 / 4, 1 / 4]


def test_load_of_a_serverless_endpoint_is_a_share_of_its_concurrency() -> None:
    recorded = Recorded()
    metrics = InvocationMetrics(recorded)

    with metrics.measure("a", "config", SERVERLESS, instances=1) as request:
        request.send(respond)

    assert recorded.values["ServerlessConcurrentExecutionsUtilization"] == [1 / 8]
    assert "ConcurrentRequestsPerModel" not in recorded.values


def test_the_last_request_to_the_container_counts() -> None:
    recorded = Recorded()
    metrics = InvocationMetrics(recorded)

    with metrics.measure("a", "config", VARIANT, instances=4) as request:
        request.send(lambda: respond(404))
        request.send(respond)

    assert recorded.values["Invocation4XXErrors"] == [0]
    assert recorded.values["Invocations"] == [1]
