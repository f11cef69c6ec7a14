import re
from typing import Any

import pytest

from stacks.settings.settings import ROOT
from tests.stacks.support.aws_calls import actions
from tests.stacks.support.invoker_calls import called_actions
from tests.stacks.support.synthesis import Stacks, Synthesis

# What IAM knows no narrower resource for, with the reason it is needed.
UNAVOIDABLE_STARS = {
    "cloudwatch:PutMetricData": "takes no resource; its condition names the namespaces",
    "ecr:GetAuthorizationToken": "takes no resource; the pull itself names the repository",
}
# Objects of one bucket that have a prefix in common, and every object, by whom.
UNAVOIDABLE_PREFIXES = {
    "/models/*": "the publisher lays every bundle there, and a rollback the one before",
    "/models/tiny/*": "machines may start with the bundle before while an update runs",
    "/captures/*": "SageMaker names the objects it captures by variant and hour",
    "/*": "the publisher empties the bucket when a dev stack goes, whatever is in it",
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
    """The actions that the role at a path may take."""
    policy = stack.by_path(f"{role}/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}
    return {action for statement in policy["Statement"] for action in as_list(statement["Action"])}


def resources(stack: Synthesis, role: str, action: str) -> list[Any]:
    """What the role at a path may take an action on."""
    policy = stack.by_path(f"{role}/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]
    return [
        resource
        for statement in policy["Statement"]
        if action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]


@pytest.mark.parametrize(("stage", "hosting"), EVERYWHERE)
def test_no_permission_has_a_star_but_the_unavoidable_ones(stacks: Stacks, stage: str, hosting: str) -> None:
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


def test_the_stars_inside_of_resources_are_the_known_prefixes(stacks: Stacks) -> None:
    found = set()
    for stage, hosting in EVERYWHERE:
        for statement in stacks(stage, hosting).statements():
            text = str([resource for resource in as_list(statement["Resource"]) if resource != "*"])
            found |= set(re.findall(r"'([^']*\*[^']*)'", text))

    assert found == set(UNAVOIDABLE_PREFIXES)


@pytest.mark.parametrize(("stage", "hosting"), EVERYWHERE)
def test_every_policy_is_of_this_stack_but_the_one_api_gateway_logs_with(
    stacks: Stacks, stage: str, hosting: str
) -> None:
    managed = re.findall(r":iam::aws:policy/([\w/-]+)", stacks(stage, hosting).text)

    assert managed == ["service-role/AmazonAPIGatewayPushToCloudWatchLogs"]


@pytest.mark.parametrize(("stage", "hosting"), EVERYWHERE)
def test_the_invoker_may_do_what_it_asks_for_and_write_its_log(
    stacks: Stacks, stage: str, hosting: str
) -> None:
    stack = stacks(stage, hosting)

    called = called_actions(stack)

    assert len(called) == 2
    assert allowed(stack, "Api/Invoker/Role") == LOGS | called
    kind = "AWS::Lambda::Function" if hosting == "lambda" else "AWS::SageMaker::Endpoint"
    for action in called:
        [target] = resources(stack, "Api/Invoker/Role", action)
        [logical_id] = [target["Ref"]] if "Ref" in target else target["Fn::GetAtt"][:1]
        assert stack.template["Resources"][logical_id]["Type"] == kind
        assert stack.template["Resources"][logical_id]["Metadata"]["aws:cdk:path"].startswith("Tiny/Model/")


def test_the_publisher_may_do_what_its_code_can_and_write_its_log(stacks: Stacks) -> None:
    assert allowed(stacks("dev", "realtime"), "Artifacts/Publisher/Role") == LOGS | actions(
        ["lambda_src/publisher"]
    )


def test_where_data_is_kept_the_publisher_may_delete_nothing(stacks: Stacks) -> None:
    published = actions(["lambda_src/publisher"], functions={"publish"})

    assert allowed(stacks("prod", "realtime"), "Artifacts/Publisher/Role") == LOGS | published
    assert published == {"s3:GetObject", "s3:PutObject"}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_models_function_may_do_what_the_container_can_and_write_its_log(
    stacks: Stacks, stage: str
) -> None:
    stack = stacks(stage, "lambda")

    # It asks S3 itself, and everything else not at all.
    source = (ROOT / "serving" / "function" / "s3.py").read_text()
    called = re.findall(r"connection\.request\(\s*\"(\w+)\"", source)
    assert called == ["GET"]
    assert actions(["serving"]) == set()
    assert allowed(stack, "Model/Role") == LOGS | {"s3:GetObject"}
    [bundles] = resources(stack, "Model/Role", "s3:GetObject")
    assert bundles["Fn::Join"][1][-1] == "/models/tiny/*"


@pytest.mark.parametrize(("stage", "hosting"), [pair for pair in EVERYWHERE if pair[1] != "lambda"])
def test_behind_an_endpoint_the_role_is_for_sagemaker_itself(
    stacks: Stacks, stage: str, hosting: str
) -> None:
    stack = stacks(stage, hosting)
    captured = {"s3:PutObject"} if (stage, hosting) == ("prod", "realtime") else set()

    assert allowed(stack, "Model/Hosted/Role") == OF_SAGEMAKER | captured
    [bundles] = resources(stack, "Model/Hosted/Role", "s3:GetObject")
    assert bundles["Fn::Join"][1][-1] == "/models/tiny/*"
    for target in resources(stack, "Model/Hosted/Role", "s3:PutObject"):
        assert target["Fn::Join"][1][-1] == "/captures/*"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
