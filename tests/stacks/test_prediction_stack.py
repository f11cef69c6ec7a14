import json
import re
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.stacks.support.synthesis import RELEASED_VERSION, Stacks, Synthesis, synthesize
from tests.tiny_bundle import write_wide_bundle

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


@pytest.mark.slow
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
        "PageUrl",
        "HealthUrl",
        "ApiKeyId",
        "EndpointName",
        "ArtifactBucket",
        "ModelPackageGroup",
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


@pytest.mark.parametrize("hosting", HOSTINGS)
def test_a_failed_first_creation_leaves_nothing_behind_but_what_the_account_shares(
    stacks: Stacks, hosting: str
) -> None:
    resources = stacks("prod", hosting).template["Resources"].values()
    policies = {
        resource["Metadata"]["aws:cdk:path"].partition("/")[2]: resource["DeletionPolicy"]
        for resource in resources
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }

    # The account refers to this role from then on, whatever becomes of the stack.
    left = {path for path, policy in policies.items() if policy == "Retain"}
    assert left == {"Api/RestApi/CloudWatchRole/Resource", "Api/RestApi/Account"}
    assert "Artifacts/Bucket/Resource" in policies
    assert "Api/ExecutionLog/Resource" in policies


def test_each_timeout_is_above_the_one_behind_it(stack: Synthesis) -> None:
    function = stack.by_path("Api/Invoker/Function/Resource")["Properties"]["Timeout"]
    [integration] = {
        method["Properties"]["Integration"]["TimeoutInMillis"] / 1000
        for method in stack.all("AWS::ApiGateway::Method").values()
    }

    assert LONGEST_ANSWER_SECONDS < function < integration < 29


def test_the_invoker_gets_the_endpoint_and_the_version_that_serves(stack: Synthesis) -> None:
    environment = stack.by_path("Api/Invoker/Function/Resource")["Properties"]["Environment"]["Variables"]

    endpoint, _ = stack.only("AWS::SageMaker::Endpoint")
    assert environment["ENDPOINT_NAME"] == {
        "Fn::If": ["Serves", {"Fn::GetAtt": [endpoint, "EndpointName"]}, "Tiny"]
    }
    assert environment["MODEL_VERSION"] == RELEASED_VERSION
    assert environment["MODEL_FOLDER"] == {"Fn::Join": ["", ["models/tiny/", RELEASED_VERSION]]}
    # The row is in the manifest beside the bundle.
    assert [*stack.outdir.glob("asset.*/invoker/models.json")] == []
    assert stack.template["Outputs"]["ModelVersion"]["Value"] == RELEASED_VERSION


@pytest.mark.slow
def test_a_model_of_two_thousand_columns_exceeds_no_limit_of_the_template(tmp_path: Path) -> None:
    bundle = write_wide_bundle(tmp_path / "wide.tar.gz", columns=2000)

    found = synthesize(tmp_path / "cdk.out", bundles={"wide": bundle}, model="wide")

    functions = found.all("AWS::Lambda::Function").values()
    for variables in [function["Properties"].get("Environment", {}) for function in functions]:
        # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        assert len(json.dumps(variables)) < 4096
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    assert len(found.text) < 1_000_000
    # The name of a column is nowhere in the template, so no number of columns exceeds a limit of it.
    assert "column_1999" not in found.text
    [description] = found.outdir.glob("asset.*/invoker/openapi.json")
    # A response of a function has 6 MB, and the body is a string in it:
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    assert len(json.dumps(description.read_text())) < 6 * 1024 * 1024
