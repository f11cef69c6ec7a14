import json
import re
from pathlib import Path

from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from lambda_src.invoker.endpoint import CONFIG
from tests.stacks.synthesis import Synthesis, synthesize
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle


def test_the_template_is_the_one_that_was_reviewed(stack: Synthesis, snapshot: SnapshotAssertion) -> None:
    assert stack.normalised() == snapshot(extension_class=JSONSnapshotExtension)


def test_two_synths_give_the_same_template(stack: Synthesis, folder: Path) -> None:
    again = synthesize(folder / "again", bundle=str(folder / "model.tar.gz"))

    assert again.text == stack.text


def test_there_is_one_stack_for_any_account_and_region(stack: Synthesis) -> None:
    assert len(stack.stacks) == 1
    assert not re.findall(r"\b\d{12}\b|\b[a-z]{2}-[a-z]+-\d\b", stack.text)


def test_the_outputs_are_the_promised_ones_and_the_keys_value_is_none_of_them(stack: Synthesis) -> None:
    outputs = stack.template["Outputs"]

    assert set(outputs) == {
        "PredictUrl",
        "HealthUrl",
        "ApiKeyId",
        "EndpointName",
        "ArtifactBucket",
        "ModelVersion",
    }
    key, properties = stack.only("AWS::ApiGateway::ApiKey")
    assert outputs["ApiKeyId"]["Value"] == {"Ref": key}
    assert "Value" not in properties["Properties"]


def test_every_log_is_kept_for_a_while_and_goes_with_the_stack(stack: Synthesis) -> None:
    groups = stack.all("AWS::Logs::LogGroup").values()

    names = [str(group["Properties"].get("LogGroupName", "")) for group in groups]
    assert any("/aws/sagemaker/Endpoints/" in name for name in names)
    assert any("API-Gateway-Execution-Logs_" in name for name in names)
    assert {group["Properties"]["RetentionInDays"] for group in groups} == {30}
    assert {group["DeletionPolicy"] for group in groups} == {"Delete"}


def test_only_what_an_account_has_once_stays_when_the_stack_goes(stack: Synthesis) -> None:
    kept = {
        resource["Metadata"]["aws:cdk:path"].partition("/")[2]
        for resource in stack.template["Resources"].values()
        if resource.get("DeletionPolicy") == "Retain"
    }

    assert kept == {"Api/RestApi/CloudWatchRole/Resource", "Api/RestApi/Account"}
    assert stack.only("Custom::Bundle")[1]["Properties"]["EmptyOnDelete"] == "true"


def test_each_layer_waits_longer_than_the_one_behind_it(stack: Synthesis) -> None:
    attempts: int = CONFIG.retries["total_max_attempts"]
    longest_pause = 1
    model = attempts * (CONFIG.connect_timeout + CONFIG.read_timeout) + longest_pause
    function = stack.by_path("Api/Invoker/Function/Resource")["Properties"]["Timeout"]
    [integration] = {
        method["Properties"]["Integration"]["TimeoutInMillis"] / 1000
        for method in stack.all("AWS::ApiGateway::Method").values()
    }

    assert model < function < integration < 29


def test_the_functions_know_the_endpoint_a_row_that_works_and_the_version(
    stack: Synthesis, folder: Path
) -> None:
    version = write_tiny_bundle(folder / "same.tar.gz").manifest.version
    environment = stack.by_path("Api/Invoker/Function/Resource")["Properties"]["Environment"]["Variables"]

    endpoint, _ = stack.only("AWS::SageMaker::Endpoint")
    assert environment["ENDPOINT_NAME"] == {"Fn::GetAtt": [endpoint, "EndpointName"]}
    assert json.loads(environment["HEALTH_INSTANCE"]) == EXAMPLE
    assert environment["MODEL_VERSION"] == stack.template["Outputs"]["ModelVersion"]["Value"] == version
