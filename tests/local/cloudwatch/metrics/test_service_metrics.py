"""Metrics of REST APIs and functions, and of log lines, in a running emulator."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.cloudwatch.metric_values import metric_values
from tests.local.emulator.api_gateway.rest_api import RestApi, deploy
from tests.local.emulator.functions.function_zip import create_function
from tests.local.iam.roles import allow, make_role, trust
from tests.local.polling import until

CREDENTIAL = "AKIA/20260101/us-east-1/execute-api/aws4_request"
# Raises, or prints a line of the embedded metric format.
SOURCE = """
import json, time
METRIC = {"Name": "Refused", "Unit": "Count"}
def handler(event, context):
    if event == "raise":
        raise ValueError
    if event == "measure":
        definition = {"Namespace": "Own", "Dimensions": [["Kind"]], "Metrics": [METRIC]}
        metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [definition]}
        print(json.dumps({"Kind": "test", "Refused": 7, "_aws": metadata}))
"""


@pytest.fixture(scope="module")
def api(aws: LocalAws) -> RestApi:
    return deploy(aws, "metrics")


@pytest.fixture
def function(aws: LocalAws, bucket: str) -> Iterator[str]:
    role = make_role(
        aws, trust("lambda"), allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    )
    yield create_function(aws, bucket, SOURCE, Role=role)
    aws.client("lambda").delete_function(FunctionName=bucket)


@pytest.fixture
def invoke(aws: LocalAws, function: str) -> Callable[..., None]:
    def invoke(event: Any = None, **parameters: Any) -> None:
        client = aws.client("lambda")
        client.invoke(FunctionName=function, Payload=json.dumps(event).encode(), **parameters)

    return invoke


@pytest.mark.parametrize("dimensions", [{"ApiName": "any"}, {"ApiName": "any", "Stage": "v1"}])
def test_a_rest_api_counts_requests_and_errors_by_name_and_stage(
    aws: LocalAws, api: RestApi, dimensions: dict[str, str]
) -> None:
    # Other APIs of the tests have the same name.
    def counts() -> list[float]:
        sums = [gateway_metric(name) for name in ("Count", "4XXError", "5XXError")]
        return [*sums, *(gateway_metric(name, "SampleCount") for name in ("Latency", "IntegrationLatency"))]

    def gateway_metric(name: str, statistic: str = "Sum") -> float:
        return sum(metric_values(aws, "AWS/ApiGateway", name, statistic=statistic, **dimensions))

    before = counts()

    statuses = [api.post(body).status for body in (b"{}", b"raise", b"garbled")]
    statuses.append(urllib3.request("POST", f"{api.url}/none", retries=False).status)

    assert statuses == [200, 502, 502, 403]
    # The last request reaches no integration.
    assert [new - old for old, new in zip(before, counts(), strict=True)] == [4, 1, 2, 4, 3]
    assert gateway_metric("Latency", "Maximum") >= gateway_metric("IntegrationLatency", "Maximum") > 0


@pytest.mark.parametrize(
    "authorization",
    ["", f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host, Signature=0"],
    ids=["no signature", "a wrong signature"],
)
def test_a_request_that_is_not_authorized_is_a_client_error(
    aws: LocalAws, bucket: str, authorization: str
) -> None:
    method = {"AuthorizationType": "AWS_IAM", "ApiKeyRequired": False}
    signed = deploy(aws, bucket, method=method)
    before = sum(metric_values(aws, "AWS/ApiGateway", "4XXError", ApiName="any"))

    headers = {"authorization": authorization} if authorization else {}
    status = urllib3.request("POST", signed.url, headers=headers, retries=False).status

    after = sum(metric_values(aws, "AWS/ApiGateway", "4XXError", ApiName="any"))
    assert (status, after - before) == (403, 1)


def test_a_function_behind_an_api_is_counted_once(aws: LocalAws, api: RestApi) -> None:
    before = metric_values(aws, "AWS/Lambda", "Invocations", FunctionName=api.function) or [0]

    api.post()

    [after] = metric_values(aws, "AWS/Lambda", "Invocations", FunctionName=api.function)
    assert after == before[0] + 1


def test_a_function_has_its_metrics(aws: LocalAws, function: str, invoke: Callable[..., None]) -> None:
    invoke()
    invoke("raise")

    def value(name: str, statistic: str = "Sum") -> list[float]:
        return metric_values(aws, "AWS/Lambda", name, statistic=statistic, FunctionName=function)

    assert value("Invocations") == [2]
    assert value("Errors") == [1]
    assert value("Throttles") == [0]
    assert value("ConcurrentExecutions", "Maximum") == [1]
    assert value("Duration", "SampleCount") == [2]


def test_a_throttled_call_is_a_throttle_and_no_invocation(
    aws: LocalAws, function: str, invoke: Callable[..., None]
) -> None:
    aws.client("lambda").put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)

    with pytest.raises(ClientError) as raised:
        invoke()

    # botocore has repeated the call.
    calls = 1 + raised.value.response["ResponseMetadata"]["RetryAttempts"]
    assert metric_values(aws, "AWS/Lambda", "Throttles", FunctionName=function) == [calls]
    assert metric_values(aws, "AWS/Lambda", "Invocations", FunctionName=function) == []


def test_an_alias_has_metrics_of_its_own(aws: LocalAws, function: str, invoke: Callable[..., None]) -> None:
    client = aws.client("lambda")
    version = client.publish_version(FunctionName=function)["Version"]
    client.create_alias(FunctionName=function, Name="live", FunctionVersion=version)

    invoke(Qualifier="live")

    alias = {"FunctionName": function, "Resource": f"{function}:live"}
    assert metric_values(aws, "AWS/Lambda", "Invocations", FunctionName=function) == [1]
    assert metric_values(aws, "AWS/Lambda", "Invocations", **alias) == [1]
    assert metric_values(aws, "AWS/Lambda", "Invocations", **alias, ExecutedVersion=version) == [1]


def test_a_metric_in_a_log_line_is_extracted(aws: LocalAws, invoke: Callable[..., None]) -> None:
    invoke("measure")

    until(lambda: metric_values(aws, "Own", "Refused", Kind="test") == [7])


def test_a_metric_in_a_log_line_needs_the_permission_to_write_the_log(aws: LocalAws, bucket: str) -> None:
    source = SOURCE.replace('"Own"', '"Lost"')
    create_function(aws, bucket, source, Role=make_role(aws, trust("lambda")))

    aws.client("lambda").invoke(FunctionName=bucket, Payload=b'"measure"')

    assert metric_values(aws, "Lost", "Refused", Kind="test") == []
    with suppress(ClientError):
        aws.client("lambda").delete_function(FunctionName=bucket)
