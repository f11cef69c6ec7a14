import re
from typing import Any

from tests.stacks.synthesis import Synthesis

# What IAM knows no narrower resource for, with the reason it is needed.
UNAVOIDABLE_STARS = {
    "cloudwatch:PutMetricData": "takes no resource; its condition names the namespaces",
    "ecr:GetAuthorizationToken": "takes no resource; the pull itself names the repository",
}


def test_no_permission_has_a_star_but_the_unavoidable_ones(stack: Synthesis) -> None:
    actions = [action for statement in stack.statements() for action in as_list(statement["Action"])]
    stars = {
        action
        for statement in stack.statements()
        for action in as_list(statement["Action"])
        if "*" in as_list(statement["Resource"])
    }

    assert actions
    assert not [action for action in actions if "*" in action]
    assert stars == set(UNAVOIDABLE_STARS)


def test_the_only_managed_policy_is_the_one_api_gateway_logs_with(stack: Synthesis) -> None:
    managed = re.findall(r":iam::aws:policy/([\w/-]+)", stack.text)

    assert managed == ["service-role/AmazonAPIGatewayPushToCloudWatchLogs"]


def test_the_model_reads_its_own_bundles_and_nothing_else_in_s3(stack: Synthesis) -> None:
    policy = stack.by_path("Endpoint/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]

    [reads] = [found for found in policy["Statement"] if "s3:" in str(found["Action"])]
    assert reads["Action"] == "s3:GetObject"
    assert reads["Resource"]["Fn::Join"][1][-1] == "/models/tiny/*"


def test_the_invoker_may_invoke_its_endpoint_and_write_its_log(stack: Synthesis) -> None:
    policy = stack.by_path("Api/Invoker/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"]

    endpoint, _ = stack.only("AWS::SageMaker::Endpoint")
    log = stack.by_path("Api/Invoker/Function/Resource")["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
    assert [(found["Action"], found["Resource"]) for found in policy["Statement"]] == [
        (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": [log, "Arn"]}),
        ("sagemaker:InvokeEndpoint", {"Ref": endpoint}),
    ]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
