"""Reload of a bundle in S3 by the model function."""

from typing import Any

import pytest

from bundle import interface_of
from bundle.cloudwatch_metrics import NAMESPACE
from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer
from tests.tiny_bundle import tiny_manifest

URL = "s3://models/a folder/model.tar.gz"


@pytest.fixture(scope="module")
def followed(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.one(hosting="lambda", bundle=URL, reload="60", alarm_email="team@example.com")


def variables(synthesis: Synthesis) -> dict[str, Any]:
    function = synthesis.by_path("Model/Function/Resource")["Properties"]
    return dict(function["Environment"]["Variables"])


def statements(synthesis: Synthesis, action: str) -> list[dict[str, Any]]:
    policy = synthesis.by_path("Model/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    return [found for found in policy["Statement"] if found["Action"] == action]


def arn(name: str) -> dict[str, Any]:
    return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":s3:::{name}"]]}


def test_the_function_gets_object_interval_and_interface(followed: Synthesis) -> None:
    found = variables(followed)

    assert (found["RELOAD_URL"], found["RELOAD_SECONDS"]) == (URL, "60")
    assert found["MODEL_INTERFACE"] == interface_of(tiny_manifest())
    assert found["URL_SUFFIX"] == {"Ref": "AWS::URLSuffix"}
    assert "MODEL_DATA_URL" in found


def test_the_role_may_read_this_object_and_deployed_bundles(followed: Synthesis) -> None:
    [read] = statements(followed, "s3:GetObject")

    followed_one, own = read["Resource"]
    assert followed_one == arn("models/a folder/model.tar.gz")
    assert own["Fn::Join"][1][-1] == "/models/tiny/*"


def test_the_role_may_decrypt_this_object_via_s3_only(followed: Synthesis) -> None:
    [decrypt] = statements(followed, "kms:Decrypt")

    only = decrypt["Condition"]["StringEquals"]
    assert only["kms:EncryptionContext:aws:s3:arn"] == [arn("models"), arn("models/a folder/model.tar.gz")]
    assert only["kms:ViaService"]["Fn::Join"][1] == [
        "s3.",
        {"Ref": "AWS::Region"},
        ".",
        {"Ref": "AWS::URLSuffix"},
    ]


def test_a_rejected_bundle_raises_an_alarm_that_is_mailed(followed: Synthesis) -> None:
    alarm = followed.by_path("Model/Reload/Resource")["Properties"]
    function = next(
        name
        for name, found in followed.all("AWS::Lambda::Function").items()
        if found["Metadata"]["aws:cdk:path"].endswith("Model/Function/Resource")
    )

    assert (alarm["Namespace"], alarm["MetricName"]) == (NAMESPACE, "BundlesRefused")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": function}}]
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["Statistic"]) == (0, 1, "Sum")
    assert alarm["AlarmActions"] == alarm["OKActions"]


def test_the_object_and_no_parameter_says_which_version_serves(followed: Synthesis) -> None:
    assert "ReleasedVersion" not in followed.template["Parameters"]
    assert followed.template["Outputs"]["ModelVersion"]["Value"] == tiny_manifest_version(followed)


def tiny_manifest_version(followed: Synthesis) -> str:
    """The version in the key of the bundle that the deployment publishes."""
    return str(followed.properties("Custom::Bundle")["Key"].split("/")[2])


def test_without_reload_the_role_may_read_deployed_bundles_only(stacks: Stacks) -> None:
    plain = stacks("dev", "lambda")

    assert not {"RELOAD_URL", "RELOAD_SECONDS", "MODEL_INTERFACE"} & variables(plain).keys()
    [read] = statements(plain, "s3:GetObject")
    assert read["Resource"]["Fn::Join"][1][-1] == "/models/tiny/*"
    assert statements(plain, "kms:Decrypt") == []
    assert "BundlesRefused" not in plain.text
