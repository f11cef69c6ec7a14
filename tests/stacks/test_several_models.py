"""Several models behind one endpoint and one API."""

import re
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bundle import read_archive
from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer, synthesize
from tests.tiny_bundle import write_tiny_bundle

PREDICT = {"tiny": "/tiny/predict", "other_tiny": "/other_tiny/predict"}
ROUTES = {
    **dict.fromkeys(PREDICT.values(), "POST"),
    **dict.fromkeys(("/", "/docs", "/model", "/health", "/openapi.json"), "GET"),
}
MARKS = {"tiny": "Tiny", "other_tiny": "OtherTiny"}
SCALING = "AWS::ApplicationAutoScaling::ScalingPolicy"
MODEL = "AWS::SageMaker::Model"


@pytest.fixture(scope="module")
def production(synthesizer: Synthesizer) -> Synthesis:
    return synthesizer.several(stage="prod")


def container(synthesis: Synthesis) -> dict[str, Any]:
    return dict(synthesis.properties(MODEL)["PrimaryContainer"])


def publications(synthesis: Synthesis) -> dict[str, Any]:
    """The publication of each model by its name."""
    return {
        re.sub(r".*/(\w+)\.tar\.gz", r"\1", found["Properties"]["Key"]): found | {"Id": name}
        for name, found in synthesis.all("Custom::Bundle").items()
    }


def allowed(synthesis: Synthesis) -> dict[str, Any]:
    """Returns the resources that the models' role allows each action on."""
    policy = synthesis.by_path("Model/Hosted/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    return {
        action: statement["Resource"]
        for statement in policy["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }


def test_the_template_of_two_models_is_the_one_that_was_reviewed(
    several: Synthesis, snapshot: SnapshotAssertion
) -> None:
    assert several.normalised() == snapshot(extension_class=JSONSnapshotExtension)


def test_there_is_one_stack_endpoint_and_api_with_the_names_of_all_models(several: Synthesis) -> None:
    assert several.stacks == ["TinyOtherTiny"]
    for kind in (
        "SageMaker::Model",
        "SageMaker::EndpointConfig",
        "SageMaker::Endpoint",
        "ApiGateway::RestApi",
    ):
        assert len(several.all(f"AWS::{kind}")) == 1
    assert several.properties("AWS::SageMaker::Endpoint")["EndpointName"] == "TinyOtherTiny"


def test_each_model_has_outputs_of_its_own(several: Synthesis, bundles: dict[str, Path]) -> None:
    outputs = several.template["Outputs"]

    own = {f"{name}{mark}" for name in ("PredictUrl", "ModelVersion") for mark in MARKS.values()}
    assert set(outputs) == own | {
        "PageUrl",
        "HealthUrl",
        "ApiKeyId",
        "EndpointName",
        "ArtifactBucket",
        "Models",
    }
    for name, mark in MARKS.items():
        assert outputs[f"PredictUrl{mark}"]["Value"]["Fn::Join"][1][-1] == PREDICT[name]
        version = read_archive(bundles[name]).manifest.version
        assert outputs[f"ModelVersion{mark}"]["Value"] == version


def test_the_bundles_have_one_prefix_with_the_digest_of_all_of_them(several: Synthesis) -> None:
    keys = [found["Properties"]["Key"] for found in publications(several).values()]

    prefixes = {key.rpartition("/")[0] for key in keys}
    [prefix] = prefixes
    assert re.fullmatch(r"models/[0-9a-f]{64}", prefix)
    assert keys == [f"{prefix}/tiny.tar.gz", f"{prefix}/other_tiny.tar.gz"]


def test_the_model_gets_the_prefix_after_every_bundle_is_copied(several: Synthesis) -> None:
    found = publications(several)
    prefix = found["tiny"]["Properties"]["Key"].rpartition("/")[0]

    url = container(several)["ModelDataUrl"]["Fn::Join"][1]
    assert url == ["s3://", {"Fn::GetAtt": [found["other_tiny"]["Id"], "Bucket"]}, f"/{prefix}/"]
    assert found["tiny"]["Id"] in found["other_tiny"]["DependsOn"]
    assert container(several)["Mode"] == "MultiModel"
    assert container(several)["Environment"] == {"SAGEMAKER_MULTI_MODEL": "true"}


def test_a_single_model_has_no_multi_model_container(stack: Synthesis) -> None:
    assert set(container(stack)) == {"Image", "ModelDataUrl"}
    assert "s3:ListBucket" not in allowed(stack)


def test_the_role_of_several_models_may_also_list_the_bucket(several: Synthesis, stack: Synthesis) -> None:
    assert set(allowed(several)) == {*allowed(stack), "s3:ListBucket"}
    bucket, _ = several.only("AWS::S3::Bucket")
    arn = {"Fn::GetAtt": [bucket, "Arn"]}
    assert allowed(several)["s3:ListBucket"] == arn
    assert allowed(several)["s3:GetObject"] == {"Fn::Join": ["", [arn, "/models/*"]]}


def test_the_publisher_may_read_the_staged_bundles(several: Synthesis, stack: Synthesis) -> None:
    def actions(synthesis: Synthesis) -> set[str]:
        policy = synthesis.by_path("Artifacts/Publisher/Role/DefaultPolicy/Resource")["Properties"]
        return set(re.findall(r"'(s3:\w+)'", str(policy)))

    assert actions(several) == actions(stack)
    staged = {found["Properties"]["SourceKey"] for found in publications(several).values()}
    policy = str(several.by_path("Artifacts/Publisher/Role/DefaultPolicy/Resource")["Properties"])
    assert len(staged) == 2
    assert all(key in policy for key in staged)


def test_a_changed_bundle_of_one_model_updates_the_endpoint(
    several: Synthesis, bundles: dict[str, Path], tmp_path: Path
) -> None:
    changed = bundles | {"other_tiny": tmp_path / "changed.tar.gz"}
    write_tiny_bundle(changed["other_tiny"], name="other_tiny", weight=3)

    after = synthesize(tmp_path / "cdk.out", bundles=changed, models="tiny,other_tiny")

    # CloudFormation replaces the model and the configuration, which have no names of their own.
    assert container(after)["ModelDataUrl"] != container(several)["ModelDataUrl"]
    assert set(after.template["Resources"]) ^ set(several.template["Resources"]) == set()
    for kind in ("Model", "EndpointConfig"):
        assert f"{kind}Name" not in after.properties(f"AWS::SageMaker::{kind}")
    before = publications(several)["tiny"]["Properties"]["Key"]
    assert publications(after)["tiny"]["Properties"]["Key"] != before


def test_the_order_of_the_models_is_that_of_the_setting(synthesizer: Synthesizer) -> None:
    turned = synthesizer.several(models="other_tiny,tiny")

    assert turned.stacks == ["OtherTinyTiny"]


def test_several_models_are_scaled_by_invocations(production: Synthesis, stacks: Stacks) -> None:
    targets = {
        policy["PredefinedMetricSpecification"]["PredefinedMetricType"]: policy["TargetValue"]
        for policy in (
            synthesis.properties(SCALING)["TargetTrackingScalingPolicyConfiguration"]
            for synthesis in (production, stacks("prod", "realtime"))
        )
    }

    assert targets == {
        "SageMakerVariantInvocationsPerInstance": 60 * 19_000,
        "SageMakerVariantConcurrentRequestsPerModelHighResolution": 16,
    }


def test_several_models_have_no_data_capture_by_default(
    production: Synthesis, synthesizer: Synthesizer
) -> None:
    asked = synthesizer.several(data_capture_percent="25")

    assert "DataCaptureConfig" not in production.properties("AWS::SageMaker::EndpointConfig")
    capture = asked.properties("AWS::SageMaker::EndpointConfig")["DataCaptureConfig"]
    assert capture["InitialSamplingPercentage"] == 25


def test_the_dashboard_of_several_models_shows_model_loading(several: Synthesis, stack: Synthesis) -> None:
    shown = [
        str(synthesis.properties("AWS::CloudWatch::Dashboard")["DashboardBody"])
        for synthesis in (several, stack)
    ]

    assert [text.count("ModelCacheHit") for text in shown] == [1, 0]


@pytest.mark.slow
def test_names_that_are_too_long_for_a_description_are_counted(tmp_path: Path) -> None:
    names = [f"model_{number:02d}".ljust(40, "x") for number in range(26)]
    bundles = {name: tmp_path / f"{name}.tar.gz" for name in names}
    for weight, (name, path) in enumerate(bundles.items(), start=1):
        write_tiny_bundle(path, name=name, weight=weight)

    found = synthesize(tmp_path / "out", bundles=bundles, models=",".join(names), stack_name="Many")

    assert found.template["Description"] == "Predictions of 26 models over REST"
