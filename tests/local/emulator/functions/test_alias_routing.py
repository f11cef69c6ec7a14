"""Weighted aliases in a running emulator."""

import json
from typing import Any

import pytest

from local.emulator.functions.alias_routing import chosen_version
from local.local_aws import LocalAws
from tests.local.cloudwatch.metric_values import metric_values
from tests.local.emulator.functions.function_zip import create_function, function_zip

CALLS = 24


@pytest.mark.parametrize(("draw", "version"), [(0.0, "2"), (0.09, "2"), (0.1, "1"), (0.99, "1")])
def test_a_draw_below_the_weight_runs_the_second_version(draw: float, version: str) -> None:
    alias = {"FunctionVersion": "1", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}}

    assert chosen_version(alias, draw) == version


def test_an_alias_without_weights_runs_its_version() -> None:
    assert chosen_version({"FunctionVersion": "1"}, 0.0) == "1"


@pytest.fixture
def function(aws: LocalAws, bucket: str) -> Any:
    """A client, and a function whose alias live runs in half of the calls a version that fails."""
    name = create_function(aws, bucket, "def handler(event, context): return context.invoked_function_arn")
    client = aws.client("lambda")
    client.publish_version(FunctionName=name)
    client.update_function_code(FunctionName=name, ZipFile=function_zip("def handler(event, context): 1 / 0"))
    client.publish_version(FunctionName=name)
    client.create_alias(
        FunctionName=name,
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    return client


def test_both_versions_answer_under_the_arn_of_the_alias_and_are_measured_apart(
    aws: LocalAws, function: Any, bucket: str
) -> None:
    answers = [function.invoke(FunctionName=f"{bucket}:live") for _ in range(CALLS)]

    failed = [answer for answer in answers if "FunctionError" in answer]
    assert 0 < len(failed) < CALLS
    assert {answer["ExecutedVersion"] for answer in failed} == {"2"}
    assert {answer["ExecutedVersion"] for answer in answers if answer not in failed} == {"1"}
    [arn] = {json.loads(answer["Payload"].read()) for answer in answers if answer not in failed}
    assert arn.endswith(f":{bucket}:live")
    dimensions = {"FunctionName": bucket, "Resource": f"{bucket}:live"}
    for version, errors in (("1", 0), ("2", len(failed))):
        values = metric_values(aws, "AWS/Lambda", "Errors", **dimensions, ExecutedVersion=version)
        assert sum(values) == errors
