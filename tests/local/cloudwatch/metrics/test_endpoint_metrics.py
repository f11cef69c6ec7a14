"""Metrics of InvokeEndpoint in a running emulator."""

import json
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.cloudwatch.metric_values import metric_values

NAMESPACE = "AWS/SageMaker"


def invoke(runtime: Any, endpoint: str, **instructions: object) -> None:
    with suppress(ClientError):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=json.dumps(instructions))


@pytest.fixture
def dimensions(endpoint: str) -> dict[str, str]:
    return {"EndpointName": endpoint, "VariantName": "primary"}


@pytest.mark.parametrize(
    "names", [("EndpointName", "VariantName"), ("EndpointName", "VariantName", "EndpointConfigName")]
)
def test_each_invocation_is_counted_by_its_status(
    aws: LocalAws, runtime: Any, endpoint: str, dimensions: dict[str, str], names: tuple[str, ...]
) -> None:
    for instructions in ({}, {"status": 422}, {"status": 422}, {"status": 500}, {"drop": True}):
        invoke(runtime, endpoint, **instructions)

    by = {
        name: value
        for name, value in (dimensions | {"EndpointConfigName": endpoint}).items()
        if name in names
    }
    counted = {
        name: metric_values(aws, NAMESPACE, name, **by)
        for name in (
            "Invocations",
            "InvocationsPerInstance",
            "Invocation4XXErrors",
            "Invocation5XXErrors",
            "InvocationModelErrors",
        )
    }
    assert counted == {
        "Invocations": [5],
        "InvocationsPerInstance": [5],
        "Invocation4XXErrors": [2],
        "Invocation5XXErrors": [1],
        "InvocationModelErrors": [4],
    }
    assert metric_values(aws, NAMESPACE, "Invocation4XXErrors", statistic="Average", **by) == [0.4]


def test_the_latencies_are_in_microseconds(
    aws: LocalAws, runtime: Any, endpoint: str, dimensions: dict[str, str]
) -> None:
    invoke(runtime, endpoint)

    [model] = metric_values(aws, NAMESPACE, "ModelLatency", statistic="p99", **dimensions)
    [overhead] = metric_values(aws, NAMESPACE, "OverheadLatency", statistic="p99", **dimensions)
    [concurrent] = metric_values(
        aws, NAMESPACE, "ConcurrentRequestsPerModel", statistic="Maximum", **dimensions
    )
    # The stub answers in less than a minute, and in more than ten microseconds.
    assert 10 < model < 60_000_000
    assert overhead > 0
    assert concurrent == 1


def test_a_container_that_does_not_listen_is_a_server_error_once(
    aws: LocalAws, runtime: Any, endpoint: str, dimensions: dict[str, str]
) -> None:
    invoke(runtime, endpoint, stop_listening=True)
    invoke(runtime, endpoint)

    assert metric_values(aws, NAMESPACE, "Invocations", **dimensions) == [2]
    assert metric_values(aws, NAMESPACE, "Invocation5XXErrors", **dimensions) == [1]
    assert metric_values(aws, NAMESPACE, "InvocationModelErrors", **dimensions) == [1]
    assert metric_values(aws, NAMESPACE, "ModelLatency", statistic="SampleCount", **dimensions) == [1]


def test_a_request_that_reaches_no_container_is_not_counted(
    aws: LocalAws, runtime: Any, endpoint: str, dimensions: dict[str, str]
) -> None:
    with pytest.raises(ClientError):
        runtime.invoke_endpoint(EndpointName=endpoint, Body=b"{}", TargetModel="none.tar.gz")
    with pytest.raises(ClientError):
        runtime.invoke_endpoint(EndpointName="none", Body=b"{}")

    assert metric_values(aws, NAMESPACE, "Invocations", **dimensions) == []
    assert metric_values(aws, NAMESPACE, "Invocations", EndpointName="none", VariantName="primary") == []
