"""iam:PassRole of calls that give a role to a service."""

import io
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.iam.implied.passed_role import PassedRole, passed_role
from local.iam.request import ApiRequest
from local.local_aws import LocalAws
from tests.local.iam.roles import FUNCTION_ROLE, MODEL_ROLE, allow, make_user

CONTAINER = {"Image": "image:tag"}


def function(name: str) -> dict[str, Any]:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("index.py", "handler = None")
    return {
        "FunctionName": name,
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": FUNCTION_ROLE,
        "Code": {"ZipFile": code.getvalue()},
    }


def passing(service: str) -> dict[str, Any]:
    condition = {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
    return allow("iam:PassRole", Condition=condition)


def test_a_model_needs_the_right_to_pass_its_role(aws: LocalAws) -> None:
    user = make_user(aws, allow("sagemaker:CreateModel"))

    with pytest.raises(ClientError) as raised:
        user.client("sagemaker").create_model(
            ModelName="passed", ExecutionRoleArn=MODEL_ROLE, PrimaryContainer=CONTAINER
        )

    error = raised.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert (
        f"is not authorized to perform: iam:PassRole on resource: {MODEL_ROLE} because no" in error["Message"]
    )


def test_a_role_is_passed_only_to_the_service_of_the_condition(aws: LocalAws) -> None:
    to_sagemaker, to_lambda = (
        make_user(aws, allow("sagemaker:CreateModel"), passing(service))
        for service in ("sagemaker", "lambda")
    )

    to_sagemaker.client("sagemaker").create_model(
        ModelName="passed-to-sagemaker", ExecutionRoleArn=MODEL_ROLE, PrimaryContainer=CONTAINER
    )
    with pytest.raises(ClientError, match="iam:PassRole"):
        to_lambda.client("sagemaker").create_model(
            ModelName="passed-to-lambda", ExecutionRoleArn=MODEL_ROLE, PrimaryContainer=CONTAINER
        )


def test_a_function_needs_the_right_to_pass_its_role(aws: LocalAws) -> None:
    with_it = make_user(aws, allow("lambda:CreateFunction"), passing("lambda"))
    without = make_user(aws, allow("lambda:CreateFunction"))

    with_it.client("lambda").create_function(**function("passed"))
    with pytest.raises(ClientError, match=rf"iam:PassRole on resource: {FUNCTION_ROLE}"):
        without.client("lambda").create_function(**function("not-passed"))


@pytest.mark.parametrize(
    ("action", "parameters", "passed"),
    [
        (
            "cloudformation:DeleteStack",
            {"RoleARN": "a"},
            PassedRole(arn="a", service="cloudformation.amazonaws.com"),
        ),
        ("cloudformation:DeleteStack", {}, None),
        ("s3:GetObject", {"Role": "a"}, None),
    ],
)
def test_the_role_of_a_call_is_found(
    action: str, parameters: dict[str, str], passed: PassedRole | None
) -> None:
    assert passed_role(action, ApiRequest(parameters=parameters)) == passed
