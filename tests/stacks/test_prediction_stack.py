import json
import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bundle import read_archive
from tests.stacks.support.synthesis import Stacks, Synthesis, synthesize
from tests.tiny_bundle import EXAMPLE

# Upper bound of the invoker's response time, which its own tests prove.
LONGEST_ANSWER_SECONDS = 10
STAGES, HOSTINGS = ("dev", "prod"), ("realtime", "serverless", "lambda")


@pytest.mark.parametrize("hosting", HOSTINGS)
@pytest.mark.parametrize("stage", STAGES)
def test_the_template_is_the_one_that_was_reviewed(
    stacks: Stacks, snapshot: SnapshotAssertion, stage: str, hosting: str
) -> None:
    assert stacks(stage, hosting).normalised() == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("hosting", HOSTINGS)
@pytest.mark.parametrize("stage", STAGES)
def test_the_metadata_has_hosting_and_stage(stacks: Stacks, stage: str, hosting: str) -> None:
    assert stacks(stage, hosting).template["Metadata"]["Prediction"] == {"Hosting": hosting, "Stage": stage}


@pytest.mark.parametrize("hosting", HOSTINGS)
def test_every_hosting_has_the_same_api_and_outputs(stacks: Stacks, hosting: str) -> None:
    found, realtime = stacks("dev", hosting), stacks("dev", "realtime")

    assert set(found.template["Outputs"]) == set(realtime.template["Outputs"])
    kinds = [f"AWS::ApiGateway::{kind}" for kind in ("Method", "GatewayResponse", "Model", "Stage")]
    for kind in kinds:
        assert [entry["Properties"] for entry in found.all(kind).values()] == [
            entry["Properties"] for entry in realtime.all(kind).values()
        ]


def test_two_synths_give_the_same_template(stack: Synthesis, bundle: Path, tmp_path: Path) -> None:
    again = synthesize(tmp_path, bundle=str(bundle), is_validated=True)

    assert again.text == stack.text


def test_there_is_one_stack_for_any_account_and_region(stack: Synthesis) -> None:
    assert len(stack.stacks) == 1
    assert not re.findall(r"\b\d{12}\b|\b[a-z]{2}-[a-z]+-\d\b", stack.text)


def test_the_outputs_are_documented_and_exclude_the_value_of_the_key(stack: Synthesis) -> None:
    outputs = stack.template["Outputs"]

    assert set(outputs) == {
        "PredictUrl",
        "HealthUrl",
        "ApiKeyId",
        "EndpointName",
        "ArtifactBucket",
        "ModelVersion",
        "Models",
    }
    key, properties = stack.only("AWS::ApiGateway::ApiKey")
    assert outputs["ApiKeyId"]["Value"] == {"Ref": key}
    assert "Value" not in properties["Properties"]


@pytest.mark.parametrize("hosting", HOSTINGS)
@pytest.mark.parametrize(("stage", "days"), [("dev", 30), ("prod", 365)])
def test_every_log_group_has_the_retention_of_the_stage(
    stacks: Stacks, stage: str, days: int, hosting: str
) -> None:
    groups = stacks(stage, hosting).all("AWS::Logs::LogGroup").values()

    names = [str(group["Properties"].get("LogGroupName", "")) for group in groups]
    assert any("API-Gateway-Execution-Logs_" in name for name in names)
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {days}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("hosting", ["realtime", "serverless"])
def test_the_log_group_of_an_endpoint_is_deleted_with_the_stack(
    stacks: Stacks, stage: str, hosting: str
) -> None:
    stack = stacks(stage, hosting)

    [group] = [
        group
        for group in stack.all("AWS::Logs::LogGroup").values()
        if group["Properties"].get("LogGroupName") == f"/aws/sagemaker/Endpoints/{stack.stacks[0]}"
    ]

    assert group["DeletionPolicy"] == "Delete"


@pytest.mark.parametrize("hosting", HOSTINGS)
def test_only_account_wide_resources_are_retained_when_the_stack_is_deleted(
    stacks: Stacks, hosting: str
) -> None:
    stack = stacks("dev", hosting)
    kept = {
        resource["Metadata"]["aws:cdk:path"].partition("/")[2]
        for resource in stack.template["Resources"].values()
        if resource.get("DeletionPolicy") == "Retain"
    }

    assert kept == {"Api/RestApi/CloudWatchRole/Resource", "Api/RestApi/Account"}
    assert stack.only("Custom::Bundle")[1]["Properties"]["EmptyOnDelete"] == "true"


def test_each_timeout_is_above_the_one_behind_it(stack: Synthesis) -> None:
    function = stack.by_path("Api/Invoker/Function/Resource")["Properties"]["Timeout"]
    [integration] = {
        method["Properties"]["Integration"]["TimeoutInMillis"] / 1000
        for method in stack.all("AWS::ApiGateway::Method").values()
    }

    assert LONGEST_ANSWER_SECONDS < function < integration < 29


def test_the_invoker_gets_the_endpoint_a_row_and_the_version(stack: Synthesis, bundle: Path) -> None:
    version = read_archive(bundle).manifest.version
    environment = stack.by_path("Api/Invoker/Function/Resource")["Properties"]["Environment"]["Variables"]

    endpoint, _ = stack.only("AWS::SageMaker::Endpoint")
    assert environment["ENDPOINT_NAME"] == {"Fn::GetAtt": [endpoint, "EndpointName"]}
    assert json.loads(environment["HEALTH_INSTANCE"]) == EXAMPLE
    assert environment["MODEL_VERSION"] == stack.template["Outputs"]["ModelVersion"]["Value"] == version
