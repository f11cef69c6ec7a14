from typing import Any

import pytest

from function_zip.contents import contents_digest
from function_zip.lambda_platform import LAMBDA
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import RELEASED_VERSION, Stacks, Synthesis, Synthesizer

PATH = "Model/Function/Resource"


def properties(synthesis: Synthesis) -> dict[str, Any]:
    return dict(synthesis.by_path(PATH)["Properties"])


def test_a_model_function_needs_nothing_of_sagemaker_but_the_registry(stacks: Stacks) -> None:
    for stage in ("dev", "prod"):
        resources = stacks(stage, "lambda").template["Resources"].values()
        types = {resource["Type"] for resource in resources if "SageMaker" in resource["Type"]}
        assert types == {"AWS::SageMaker::ModelPackageGroup"}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_it_runs_a_zip_by_default_and_the_stack_has_no_image(stacks: Stacks, stage: str) -> None:
    synthesis = stacks(stage, "lambda")
    [zipped] = [asset for asset in synthesis.assets("files") if "executable" in asset["source"]]
    [destination] = zipped["destinations"].values()

    function = properties(synthesis)
    assert synthesis.assets("dockerImages") == []
    assert zipped["source"] == {"executable": ["python3", "-m", "function_zip"]}
    assert function["Code"]["S3Key"] == destination["objectKey"] == contents_digest(ROOT, LAMBDA)
    assert (function["Runtime"], function["Handler"]) == ("python3.13", "serving.lambda_handler.handler")
    assert function["Architectures"] == ["x86_64"]


def test_only_production_starts_from_snapshots_by_default(stacks: Stacks) -> None:
    assert "SnapStart" not in properties(stacks("dev", "lambda"))
    assert properties(stacks("prod", "lambda"))["SnapStart"] == {"ApplyOn": "PublishedVersions"}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_callers_get_a_version_that_is_published_after_its_permissions(stacks: Stacks, stage: str) -> None:
    synthesis = stacks(stage, "lambda")

    version, published = synthesis.only("AWS::Lambda::Version")
    [policy] = [
        name
        for name, found in synthesis.all("AWS::IAM::Policy").items()
        if found["Metadata"]["aws:cdk:path"].endswith("Model/Role/DefaultPolicy/Resource")
    ]
    alias = synthesis.properties("AWS::Lambda::Alias")
    assert policy in published["DependsOn"]
    assert (alias["Name"], alias["FunctionVersion"]) == ("live", {"Fn::GetAtt": [version, "Version"]})


def test_another_released_version_is_another_published_version(stacks: Stacks) -> None:
    published = stacks("dev", "lambda").properties("AWS::Lambda::Version")

    # CloudFormation replaces a version whose description changes.
    assert published["Description"] == RELEASED_VERSION


def test_a_changed_function_is_another_version(stacks: Stacks, synthesizer: Synthesizer) -> None:
    plain = stacks("dev", "lambda")
    changed = synthesizer.one(stage="dev", hosting="lambda", memory_mb="1769")

    assert plain.only("AWS::Lambda::Version")[0] != changed.only("AWS::Lambda::Version")[0]


def test_the_image_is_that_of_the_endpoints_and_runs_lambdas_runtime_client(synthesizer: Synthesizer) -> None:
    synthesis = synthesizer.one(is_validated=True, stage="prod", hosting="lambda", packaging="image")
    [image] = synthesis.assets("dockerImages")
    [destination] = image["destinations"].values()

    function = properties(synthesis)
    assert function["PackageType"] == "Image"
    assert function["Code"]["ImageUri"]["Fn::Join"][1][-1].endswith(f":{destination['imageTag']}")
    assert function["ImageConfig"] == {
        "EntryPoint": ["/opt/venv/bin/python", "-m", "awslambdaric"],
        "Command": ["serving.lambda_handler.handler"],
    }
    # The image is built for linux/amd64.
    assert function["Architectures"] == ["x86_64"]


def test_the_function_gets_the_uri_of_its_bundle_and_may_read_bundles_only(stacks: Stacks) -> None:
    synthesis = stacks("dev", "lambda")
    publication, _ = synthesis.only("Custom::Bundle")

    url = properties(synthesis)["Environment"]["Variables"]["MODEL_DATA_URL"]["Fn::Join"][1]
    policy = synthesis.by_path("Model/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    of_bucket = {"Fn::GetAtt": [publication, "Bucket"]}
    assert url == ["s3://", of_bucket, "/models/tiny/", RELEASED_VERSION, "/model.tar.gz"]
    [reads] = [found for found in policy["Statement"] if "s3:" in str(found["Action"])]
    assert reads["Action"] == "s3:GetObject"
    assert reads["Resource"]["Fn::Join"][1][-1] == "/models/tiny/*"
    actions = {action for found in policy["Statement"] for action in _list(found["Action"])}
    assert actions == {"s3:GetObject", "logs:CreateLogStream", "logs:PutLogEvents"}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_only_lambda_in_this_account_may_assume_its_role(stacks: Stacks) -> None:
    role = stacks("dev", "lambda").by_path("Model/Role/Resource")["Properties"]

    [statement] = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_concurrency_is_reserved_only_when_it_is_set(stacks: Stacks, synthesizer: Synthesizer) -> None:
    for stage in ("dev", "prod"):
        assert "ReservedConcurrentExecutions" not in stacks(stage, "lambda").text

    reserved = synthesizer.one(
        hosting="lambda",
        max_concurrency="7",
        memory_mb="1769",
    )

    function = properties(reserved)
    assert (function["ReservedConcurrentExecutions"], function["MemorySize"]) == (7, 1769)


def test_the_invoker_may_invoke_and_describe_it_only(stacks: Stacks) -> None:
    synthesis = stacks("dev", "lambda")
    alias, _ = synthesis.only("AWS::Lambda::Alias")

    invoker = synthesis.by_path("Api/Invoker/Function/Resource")["Properties"]["Environment"]["Variables"]
    policy = synthesis.by_path("Api/Invoker/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    assert invoker["FUNCTION_NAME"] == {"Ref": alias}
    assert "ENDPOINT_NAME" not in invoker
    [invokes] = [found for found in policy["Statement"] if "lambda:" in str(found["Action"])]
    assert (invokes["Action"], invokes["Resource"]) == (
        ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"],
        {"Ref": alias},
    )


def test_its_timeout_is_above_the_invokers(stacks: Stacks) -> None:
    synthesis = stacks("dev", "lambda")

    waits = synthesis.by_path("Api/Invoker/Function/Resource")["Properties"]["Timeout"]
    assert properties(synthesis)["Timeout"] > waits


def test_it_captures_a_percentage_of_its_calls_below_the_prefix_of_captures(synthesizer: Synthesizer) -> None:
    synthesis = synthesizer.one(hosting="lambda", data_capture_percent="25")
    bucket, _ = synthesis.only("AWS::S3::Bucket")

    variables = properties(synthesis)["Environment"]["Variables"]
    policy = synthesis.by_path("Model/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]

    assert (variables["CAPTURE_PERCENT"], variables["CAPTURE_VARIANT"]) == ("25", "primary")
    assert variables["CAPTURE_URL"]["Fn::Join"][1] == ["s3://", {"Ref": bucket}, "/captures"]
    [writes] = [found for found in policy["Statement"] if "s3:PutObject" in found["Action"]]
    assert writes["Action"] == "s3:PutObject"
    assert writes["Resource"]["Fn::Join"][1] == [{"Fn::GetAtt": [bucket, "Arn"]}, "/captures/*"]


def test_a_function_that_captures_nothing_may_write_nothing(stacks: Stacks) -> None:
    synthesis = stacks("prod", "lambda")

    policy = synthesis.by_path("Model/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]

    assert "s3:PutObject" not in str(policy)
    assert "CAPTURE_PERCENT" not in properties(synthesis)["Environment"]["Variables"]
