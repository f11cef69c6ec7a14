import re
from typing import Any

import pytest

from stacks.settings.settings import ROOT
from tests.stacks.support.aws_calls import actions
from tests.stacks.support.invoker_calls import called_actions
from tests.stacks.support.synthesis import Stacks, Synthesis, Synthesizer, while_serving

# Actions on resource *, with the reason.
UNAVOIDABLE_STARS = {
    "cloudwatch:PutMetricData": "takes no resource; its condition names the namespaces",
    "ecr:GetAuthorizationToken": "takes no resource; the pull itself names the repository",
}
# Wildcards in ARNs of objects, with the reason.
UNAVOIDABLE_PREFIXES = {
    "/models/*": "the publisher lays every bundle there, and a rollback the one before",
    "/models/tiny/*": "machines may start with the bundle before while an update runs",
    "/models/tiny/*/manifest.json": "the invoker in service reads those before, while an update runs",
    "/models/tiny/*/report.html": "the same",
    "/captures/*": "SageMaker names the objects it captures by variant and hour",
    "/outcomes/*": "files of outcomes have names that the caller chooses",
    "/monitor/*": "the monitor names its pages by the time of a run",
    "/scores/*": "whole files and their predictions have names that the caller chooses",
    ":log-group:/aws/sagemaker/TransformJobs:log-stream:*": "SageMaker names the streams by job and instance",
    "/*": "the publisher empties the bucket when a dev stack goes, whatever is in it",
    ":alarm:Tiny-endpoint-*": "names of the roll-back alarms have that of the endpoint configuration",
    ":alarm:TinyProd-endpoint-*": "the same",
    ":alarm:TinyProd-model-version-*": "a canary's alarms have the number of a version in their names",
}
HOSTINGS = ["realtime", "serverless", "lambda"]
EVERYWHERE = [(stage, hosting) for stage in ("dev", "prod") for hosting in HOSTINGS]
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
# https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
OF_SAGEMAKER = LOGS | {
    "cloudwatch:PutMetricData",
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken",
    "ecr:GetDownloadUrlForLayer",
    "logs:CreateLogGroup",
    "logs:DescribeLogStreams",
    "s3:GetObject",
}


def allowed(stack: Synthesis, role: str) -> set[str]:
    """Returns the actions that the role at a construct path allows."""
    path = stack.by_path(f"{role}/Resource")["Metadata"]["aws:cdk:path"]
    [logical_id] = [
        name
        for name, found in stack.all("AWS::IAM::Role").items()
        if found["Metadata"]["aws:cdk:path"] == path
    ]
    statements = [
        statement
        for policy in stack.all("AWS::IAM::Policy").values()
        if {"Ref": logical_id} in policy["Properties"]["Roles"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    return {action for statement in statements for action in as_list(statement["Action"])}


def resources(stack: Synthesis, role: str, action: str) -> list[Any]:
    """Returns the resources that the role at a construct path allows an action on."""
    policy = stack.by_path(f"{role}/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    return [
        resource
        for statement in while_serving(policy["Statement"])
        if action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


@pytest.mark.parametrize(("stage", "hosting"), EVERYWHERE)
def test_no_statement_has_a_wildcard_except_the_unavoidable_ones(
    stacks: Stacks, stage: str, hosting: str
) -> None:
    statements = list(stacks(stage, hosting).statements())

    granted = {action for statement in statements for action in as_list(statement["Action"])}
    on_everything = {
        action
        for statement in statements
        if "*" in as_list(statement["Resource"])
        for action in as_list(statement["Action"])
    }
    assert granted
    assert not [action for action in granted if "*" in action]
    assert on_everything == (set(UNAVOIDABLE_STARS) if hosting != "lambda" else set())


def test_wildcards_in_resources_are_the_known_prefixes(stacks: Stacks, synthesizer: Synthesizer) -> None:
    found = set()
    capturing = synthesizer.one(data_capture_percent="25", monitor="daily", scoring_data="own")
    for synthesis in [capturing, *(stacks(stage, hosting) for stage, hosting in EVERYWHERE)]:
        for statement in synthesis.statements():
            text = str([resource for resource in as_list(statement["Resource"]) if resource != "*"])
            found |= set(re.findall(r"'([^']*\*[^']*)'", text))

    assert found == set(UNAVOIDABLE_PREFIXES)


@pytest.mark.parametrize(("stage", "hosting"), EVERYWHERE)
def test_the_only_managed_policy_is_that_of_api_gateways_logging_role(
    stacks: Stacks, stage: str, hosting: str
) -> None:
    roles = [role["Properties"] for role in stacks(stage, hosting).all("AWS::IAM::Role").values()]
    managed = re.findall(r":iam::aws:policy/([\w/-]+)", str(roles))

    assert managed == ["service-role/AmazonAPIGatewayPushToCloudWatchLogs"]


@pytest.mark.parametrize(("stage", "hosting"), EVERYWHERE)
def test_the_invokers_role_allows_exactly_its_calls_and_its_log(
    stacks: Stacks, stage: str, hosting: str
) -> None:
    stack = stacks(stage, hosting)

    called = called_actions(stack)

    assert len(called) == 3
    assert allowed(stack, "Api/Invoker/Role") == LOGS | called
    kind = "AWS::Lambda::Alias" if hosting == "lambda" else "AWS::SageMaker::Endpoint"
    for action in called - {"s3:GetObject"}:
        [target] = resources(stack, "Api/Invoker/Role", action)
        [logical_id] = [target["Ref"]] if "Ref" in target else target["Fn::GetAtt"][:1]
        assert stack.template["Resources"][logical_id]["Type"] == kind
        assert stack.template["Resources"][logical_id]["Metadata"]["aws:cdk:path"].startswith(
            f"{stack.stacks[0]}/Model/"
        )


def test_the_publishers_role_allows_exactly_its_calls_and_its_log(stacks: Stacks) -> None:
    # SageMaker reads the image of a version that is registered.
    called = LOGS | actions(["lambda_src/publisher"]) | {"ecr:BatchGetImage", "ecr:DescribeImages"}

    # Only where data is kept, it asks whether the first creation failed.
    asked = {"cloudformation:DescribeStacks"}
    assert allowed(stacks("prod", "realtime"), "Artifacts/Publisher/Role") == called
    assert allowed(stacks("dev", "realtime"), "Artifacts/Publisher/Role") == called - asked


def test_the_publisher_may_delete_bundles_only_when_data_is_kept(stacks: Stacks) -> None:
    production = stacks("prod", "realtime")

    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload"):
        [deleted] = resources(production, "Artifacts/Publisher/Role", action)
        assert deleted["Fn::Join"][1][-1] == "/models/*"
    assert resources(production, "Artifacts/Publisher/Role", "cloudformation:DescribeStacks") == [
        {"Ref": "AWS::StackId"}
    ]


def test_s3_tells_the_publisher_an_absent_bundle_from_a_denied_one(stacks: Stacks) -> None:
    for stage in ("dev", "prod"):
        stack = stacks(stage, "realtime")
        bucket, _ = stack.only("AWS::S3::Bucket")

        # HeadObject is answered 403 instead of 404 without this permission.
        listed = resources(stack, "Artifacts/Publisher/Role", "s3:ListBucket")
        assert listed == [{"Fn::GetAtt": [bucket, "Arn"]}]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_model_functions_role_allows_exactly_its_calls_and_its_log(stacks: Stacks, stage: str) -> None:
    stack = stacks(stage, "lambda")

    # The code calls S3 by HTTP, without boto3.
    source = (ROOT / "serving" / "lambda_function" / "s3.py").read_text()
    assert re.findall(r"self\._send\(\s*\"(\w+)\"", source) == ["GET", "GET", "PUT"]
    # Only the function that scores files writes.
    folder = ROOT / "serving" / "lambda_function"
    assert [path.name for path in folder.glob("*.py") if "s3.write(" in path.read_text()] == [
        "scored_object.py"
    ]
    assert actions(["serving"]) == set()
    assert allowed(stack, "Model/Role") == LOGS | {"s3:GetObject"}
    [bundles] = resources(stack, "Model/Role", "s3:GetObject")
    assert bundles["Fn::Join"][1][-1] == "/models/tiny/*"


@pytest.mark.parametrize(("stage", "hosting"), [pair for pair in EVERYWHERE if pair[1] != "lambda"])
def test_the_role_of_an_endpoint_allows_what_sagemaker_needs(
    stacks: Stacks, stage: str, hosting: str
) -> None:
    stack = stacks(stage, hosting)
    of_rollback = {"cloudwatch:DescribeAlarms"} if hosting == "realtime" else set()

    assert allowed(stack, "Model/Hosted/Role") == OF_SAGEMAKER | of_rollback
    [bundles] = resources(stack, "Model/Hosted/Role", "s3:GetObject")
    assert bundles["Fn::Join"][1][-1] == "/models/tiny/*"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
