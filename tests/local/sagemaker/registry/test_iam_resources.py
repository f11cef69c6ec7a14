"""Permissions of the registry's callers."""

from typing import Any

import pytest

from local.local_aws import LocalAws
from local.sagemaker.registry.iam_resources import registry_resources
from tests.local.iam.roles import allow, make_user
from tests.local.iam.test_policy_evaluation import refusal
from tests.local.sagemaker.registry.conftest import Group

ARN = "arn:aws:sagemaker:us-east-1:000000000000"


@pytest.mark.parametrize(
    ("operation", "parameters", "resources"),
    [
        ("CreateModelPackageGroup", {"ModelPackageGroupName": "g"}, ["model-package-group/g"]),
        (
            "DeleteModelPackageGroup",
            {"ModelPackageGroupName": f"{ARN}:model-package-group/g"},
            ["model-package-group/g"],
        ),
        (
            "CreateModelPackage",
            {"ModelPackageGroupName": "g"},
            ["model-package-group/g", "model-package/g/*"],
        ),
        ("ListModelPackages", {"ModelPackageGroupName": "g"}, ["model-package/g/*"]),
        ("DescribeModelPackage", {"ModelPackageName": "g/1"}, ["model-package/g/1"]),
        ("UpdateModelPackage", {"ModelPackageArn": f"{ARN}:model-package/g/1"}, ["model-package/g/1"]),
        (
            "BatchDescribeModelPackage",
            {"ModelPackageArnList": [f"{ARN}:model-package/g/{number}" for number in (1, 2)]},
            ["model-package/g/1", "model-package/g/2"],
        ),
        ("ListModelPackageGroups", {}, []),
        ("DescribeModel", {"ModelName": "m"}, []),
    ],
)
def test_an_operation_needs_permission_on_each_resource(
    operation: str, parameters: dict[str, Any], resources: list[str]
) -> None:
    assert registry_resources(operation, parameters) == [f"{ARN}:{name}" for name in resources]


def test_a_caller_without_permission_on_the_group_is_refused_in_the_words_of_aws(
    aws: LocalAws, group: Group
) -> None:
    user = make_user(
        aws, allow("sagemaker:CreateModelPackage", resource=f"{ARN}:model-package/{group.name}/*")
    )
    arn = user.client("sts").get_caller_identity()["Arn"]

    code, message = refusal(user.client("sagemaker").create_model_package, ModelPackageGroupName=group.name)

    assert code == "AccessDeniedException"
    assert message == (
        f"User: {arn} is not authorized to perform: sagemaker:CreateModelPackage on resource: {group.arn} "
        "because no identity-based policy allows the sagemaker:CreateModelPackage action"
    )


def test_a_caller_with_permission_on_the_versions_of_a_group_may_approve_them(
    aws: LocalAws, group: Group
) -> None:
    package = group.add()
    actions = ("sagemaker:ListModelPackages", "sagemaker:UpdateModelPackage")
    user = make_user(aws, allow(*actions, resource=f"{ARN}:model-package/{group.name}/*"))

    client = user.client("sagemaker")
    listed = client.list_model_packages(ModelPackageGroupName=group.name)["ModelPackageSummaryList"]
    client.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")

    assert [found["ModelPackageArn"] for found in listed] == [package]
    assert group.describe(package)["ModelApprovalStatus"] == "Approved"
