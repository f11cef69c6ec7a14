"""Model package groups, through boto3 and in a stack."""

import json
from typing import Any

from local.local_aws import LocalAws
from tests.local.iam.test_policy_evaluation import refusal
from tests.local.polling import PATIENT_WAITER
from tests.local.sagemaker.registry.conftest import Group

ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-package-group"


def test_a_group_is_described_as_created(sagemaker: Any) -> None:
    created = sagemaker.create_model_package_group(
        ModelPackageGroupName="described", ModelPackageGroupDescription="Versions of a model"
    )

    for name in ("described", created["ModelPackageGroupArn"]):
        described = sagemaker.describe_model_package_group(ModelPackageGroupName=name)
        assert described["ModelPackageGroupArn"] == f"{ARN}/described"
        assert described["ModelPackageGroupDescription"] == "Versions of a model"
        assert described["ModelPackageGroupStatus"] == "Completed"


def test_a_second_group_of_a_name_is_refused(group: Group) -> None:
    code, message = refusal(group.sagemaker.create_model_package_group, ModelPackageGroupName=group.name)

    assert (code, message) == ("ValidationException", f"Model Package Group already exists: {group.arn}")


def test_a_missing_group_is_refused_in_the_words_of_aws(sagemaker: Any) -> None:
    message = f"ModelPackageGroup {ARN}/missing does not exist."

    for call in (
        sagemaker.describe_model_package_group,
        sagemaker.delete_model_package_group,
        sagemaker.list_model_packages,
    ):
        assert refusal(call, ModelPackageGroupName="missing") == ("ValidationException", message)


def test_a_group_is_deleted_only_when_it_is_empty(group: Group) -> None:
    version = group.add()

    code, message = refusal(group.sagemaker.delete_model_package_group, ModelPackageGroupName=group.name)
    group.sagemaker.delete_model_package(ModelPackageName=version)
    group.sagemaker.delete_model_package_group(ModelPackageGroupName=group.name)

    assert code == "ConflictException"
    assert message.startswith(f"ModelPackageGroup {group.arn} cannot be deleted")
    assert refusal(group.add)[1] == f"ModelPackageGroup {group.arn} does not exist."


def test_groups_are_listed_by_name(sagemaker: Any, bucket: str) -> None:
    for letter in "ba":
        sagemaker.create_model_package_group(ModelPackageGroupName=f"{bucket}-{letter}")

    def listed(**filters: str) -> list[str]:
        found = sagemaker.list_model_package_groups(NameContains=bucket, **filters)
        return [group["ModelPackageGroupName"][-1] for group in found["ModelPackageGroupSummaryList"]]

    assert listed() == ["b", "a"]
    assert listed(SortBy="Name") == ["a", "b"]
    assert listed(SortBy="Name", SortOrder="Descending") == ["b", "a"]


def test_a_stack_makes_and_deletes_a_group(aws: LocalAws, sagemaker: Any, bucket: str) -> None:
    cloudformation = aws.client("cloudformation")
    body = {
        "Resources": {
            "Group": {
                "Type": "AWS::SageMaker::ModelPackageGroup",
                "Properties": {"ModelPackageGroupName": bucket, "ModelPackageGroupDescription": "any"},
            }
        },
        "Outputs": {
            "Ref": {"Value": {"Ref": "Group"}},
            "Arn": {"Value": {"Fn::GetAtt": ["Group", "ModelPackageGroupArn"]}},
        },
    }

    cloudformation.create_stack(StackName=bucket, TemplateBody=json.dumps(body))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=bucket, WaiterConfig=PATIENT_WAITER)
    outputs = cloudformation.describe_stacks(StackName=bucket)["Stacks"][0]["Outputs"]
    described = sagemaker.describe_model_package_group(ModelPackageGroupName=bucket)
    cloudformation.delete_stack(StackName=bucket)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=bucket, WaiterConfig=PATIENT_WAITER)

    assert {output["OutputValue"] for output in outputs} == {described["ModelPackageGroupArn"]}
    code, _ = refusal(sagemaker.describe_model_package_group, ModelPackageGroupName=bucket)
    assert code == "ValidationException"
