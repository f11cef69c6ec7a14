"""CloudFormation changes the resources of a stack with the role of the stack."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from local.local_aws import LocalAws
from tests.local.iam.roles import FUNCTION_ROLE, allow, make_role, make_user, trust
from tests.local.polling import PATIENT_WAITER

GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "grouped"}}
FUNCTION: dict[str, Any] = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": FUNCTION_ROLE,
        "Code": {"ZipFile": "handler = None"},
    },
}


@pytest.fixture
def stack(aws: LocalAws, bucket: str) -> Iterator[str]:
    yield bucket
    with suppress(ClientError):
        aws.client("cloudformation").delete_stack(StackName=bucket)


def create(aws: LocalAws, stack: str, role: str, *resources: dict[str, Any]) -> list[str]:
    """Creates a stack with a role; returns the reasons of its failed resources."""
    client = aws.client("cloudformation")
    named = {f"R{number}": resource for number, resource in enumerate(resources)}
    client.create_stack(StackName=stack, RoleARN=role, TemplateBody=json.dumps({"Resources": named}))
    with suppress(WaiterError):
        client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    events = client.describe_stack_events(StackName=stack)["StackEvents"]
    return [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED"]


def test_a_stack_is_created_with_the_permissions_of_its_role(aws: LocalAws, stack: str) -> None:
    role = make_role(aws, trust("cloudformation"), allow("logs:CreateLogGroup", "logs:DeleteLogGroup"))

    assert create(aws, stack, role, GROUP) == []


def test_a_resource_that_the_role_may_not_create_fails_in_the_words_of_aws(aws: LocalAws, stack: str) -> None:
    role = make_role(aws, trust("cloudformation"), allow("lambda:*"))

    [reason] = create(aws, stack, role, GROUP)

    session = role.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/") + "/AWSCloudFormation"
    assert (
        f"User: {session} is not authorized to perform: logs:CreateLogGroup on resource: "
        "arn:aws:logs:us-east-1:000000000000:log-group:grouped:log-stream: because no identity-based "
        "policy allows the logs:CreateLogGroup action"
    ) in reason


@pytest.mark.parametrize("resource_type", ["Custom::Bundle", "AWS::CloudFormation::CustomResource"])
def test_the_role_needs_the_right_to_invoke_the_function_of_a_custom_resource(
    aws: LocalAws, stack: str, resource_type: str
) -> None:
    role = make_role(aws, trust("cloudformation"), allow("logs:*"))
    arn = "arn:aws:lambda:us-east-1:000000000000:function:publisher"

    [reason] = create(aws, stack, role, {"Type": resource_type, "Properties": {"ServiceToken": arn}})

    assert f"is not authorized to perform: lambda:InvokeFunction on resource: {arn}" in reason


def test_a_function_of_a_stack_needs_the_right_to_pass_its_role(aws: LocalAws, stack: str) -> None:
    role = make_role(aws, trust("cloudformation"), allow("lambda:*"))

    [reason] = create(aws, stack, role, FUNCTION)

    assert f"is not authorized to perform: iam:PassRole on resource: {FUNCTION_ROLE}" in reason


def test_a_function_whose_role_lambda_cannot_assume_is_refused(aws: LocalAws, stack: str) -> None:
    role = make_role(aws, trust("cloudformation"), allow("lambda:*", "iam:PassRole"))
    function = FUNCTION | {
        "Properties": {**FUNCTION["Properties"], "Role": make_role(aws, trust("sagemaker"))}
    }

    assert create(aws, stack, role, function) == [
        "The role defined for the function cannot be assumed by Lambda."
    ]


def test_a_role_that_does_not_trust_cloudformation_is_refused(aws: LocalAws, stack: str) -> None:
    role = make_role(aws, trust("lambda"), allow("logs:*"))

    with pytest.raises(ClientError, match=rf"Role {role} is invalid or cannot be assumed"):
        create(aws, stack, role, GROUP)


def test_the_caller_needs_the_right_to_pass_the_role_of_the_stack(aws: LocalAws, stack: str) -> None:
    role = make_role(aws, trust("cloudformation"), allow("logs:*"))
    user = make_user(aws, allow("cloudformation:*"))

    with pytest.raises(ClientError, match=rf"iam:PassRole on resource: {role}"):
        create(user, stack, role, GROUP)


def test_a_stack_without_role_is_created_with_the_permissions_of_the_caller(
    aws: LocalAws, stack: str
) -> None:
    client = make_user(aws, allow("cloudformation:*")).client("cloudformation")

    client.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": {"Group": GROUP}}))
    with pytest.raises(WaiterError):
        client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)

    events = client.describe_stack_events(StackName=stack)["StackEvents"]
    assert any("logs:CreateLogGroup" in event.get("ResourceStatusReason", "") for event in events)
