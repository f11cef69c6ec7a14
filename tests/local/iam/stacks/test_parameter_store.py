"""CloudFormation reads the values of Parameter Store that a template names as its caller."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.iam.roles import allow, make_role, make_user, trust
from tests.local.polling import PATIENT_WAITER

REFUSED = r"AccessDenied\. User doesn't have permission to call ssm:GetParameters"
MAY_DEPLOY = (allow("cloudformation:*"), allow("iam:PassRole"))


@pytest.fixture
def name(aws: LocalAws, bucket: str) -> Iterator[str]:
    """A parameter of Parameter Store, and a stack that may be made."""
    ssm = aws.client("ssm")
    ssm.put_parameter(Name=f"/{bucket}/version", Value="21", Type="String")
    yield bucket
    ssm.delete_parameter(Name=f"/{bucket}/version")
    with suppress(ClientError):
        aws.client("cloudformation").delete_stack(StackName=bucket)


@pytest.fixture
def service_role(aws: LocalAws) -> str:
    """The role of CloudFormation, which may read all parameters."""
    return make_role(aws, trust("cloudformation"), allow("sns:*", "ssm:*"))


def request(name: str, **more: Any) -> dict[str, Any]:
    """Arguments of an operation on a stack whose template names the parameter, as those of the CDK do."""
    parameter = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": f"/{name}/version"}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "Label"}}}
    template = {
        "Parameters": {"BootstrapVersion": parameter, "Label": {"Type": "String", "Default": "one"}},
        "Resources": {"Topic": topic},
    }
    return {"StackName": name, "TemplateBody": json.dumps(template), **more}


def reader(aws: LocalAws, name: str) -> Any:
    arn = f"arn:aws:ssm:us-east-1:000000000000:parameter/{name}/version"
    user = make_user(aws, *MAY_DEPLOY, allow("ssm:GetParameters", resource=arn))
    return user.client("cloudformation")


def release(name: str) -> dict[str, Any]:
    """Arguments of an update that changes one parameter of the deployed template."""
    parameters = [
        {"ParameterKey": "BootstrapVersion", "UsePreviousValue": True},
        {"ParameterKey": "Label", "ParameterValue": "two"},
    ]
    return {"StackName": name, "UsePreviousTemplate": True, "Parameters": parameters}


@pytest.mark.parametrize("operation", ["create_stack", "create_change_set"])
def test_the_role_of_the_stack_does_not_read_for_its_caller(
    aws: LocalAws, name: str, service_role: str, operation: str
) -> None:
    caller = make_user(aws, *MAY_DEPLOY).client("cloudformation")
    more = {"ChangeSetName": "one", "ChangeSetType": "CREATE"} if operation == "create_change_set" else {}

    with pytest.raises(ClientError, match=REFUSED) as caught:
        getattr(caller, operation)(**request(name, RoleARN=service_role, **more))

    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_an_update_of_one_parameter_reads_the_others_again(
    aws: LocalAws, name: str, service_role: str
) -> None:
    permitted = reader(aws, name)
    permitted.create_stack(**request(name, RoleARN=service_role))
    permitted.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig=PATIENT_WAITER)
    caller = make_user(aws, allow("cloudformation:*")).client("cloudformation")

    with pytest.raises(ClientError, match=REFUSED):
        caller.update_stack(**release(name))

    permitted.update_stack(**release(name))
    permitted.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig=PATIENT_WAITER)


def test_a_template_that_is_none_has_the_error_of_the_operation(aws: LocalAws, name: str) -> None:
    caller = make_user(aws, *MAY_DEPLOY).client("cloudformation")

    with pytest.raises(ClientError, match="Template format error"):
        caller.create_stack(StackName=name, TemplateBody="{")
