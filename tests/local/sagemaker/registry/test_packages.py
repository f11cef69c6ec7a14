"""Versions of a model package group, through boto3."""

from typing import Any

import pytest

from tests.local.iam.test_policy_evaluation import refusal
from tests.local.sagemaker.registry.conftest import Group

ARN = "arn:aws:sagemaker:us-east-1:000000000000"
SPECIFICATION = {
    "Containers": [{"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/any:tag"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


def test_a_version_is_described_as_created(group: Group) -> None:
    metrics = {"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/v.json"}}}

    arn = group.add(
        ModelPackageDescription="From a deployment",
        InferenceSpecification=SPECIFICATION,
        ModelMetrics=metrics,
        ModelApprovalStatus="Approved",
        MetadataProperties={"CommitId": "abc"},
        CustomerMetadataProperties={"version": "ab12cd34ef56"},
    )

    described = group.describe(arn)
    assert arn == described["ModelPackageArn"] == f"{ARN}:model-package/{group.name}/1"
    assert (described["ModelPackageGroupName"], described["ModelPackageVersion"]) == (group.name, 1)
    assert described["ModelPackageStatus"] == "Completed"
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["InferenceSpecification"] == SPECIFICATION
    assert described["ModelMetrics"] == metrics
    assert described["MetadataProperties"] == {"CommitId": "abc"}
    assert described["CustomerMetadataProperties"] == {"version": "ab12cd34ef56"}
    assert described["ModelPackageDescription"] == "From a deployment"
    assert "ModelPackageName" not in described
    assert "LastModifiedTime" not in described


def test_a_version_without_a_specification_waits_for_approval(group: Group) -> None:
    arn = group.add(SourceUri="s3://bucket/model.tar.gz")

    described = group.describe(arn)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    assert described["SourceUri"] == "s3://bucket/model.tar.gz"


def test_versions_count_from_one_and_no_number_is_used_again(group: Group) -> None:
    first, second = group.add(), group.add()
    group.sagemaker.delete_model_package(ModelPackageName=second)

    third = group.add()

    assert [arn.rpartition("/")[2] for arn in (first, third)] == ["1", "3"]
    assert group.versions() == [1, 3]


def test_a_repeated_request_with_the_same_token_creates_one_version(group: Group) -> None:
    request = {"ClientToken": "one", "SourceUri": "s3://bucket/a"}

    assert group.add(**request) == group.add(**request)
    code, _ = refusal(group.add, ClientToken="one", SourceUri="s3://bucket/b")

    assert code == "ConflictException"
    assert group.versions() == [1]


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"ModelPackageName": "a", "ModelPackageGroupName": "b"},
            (
                "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine "
                "which one to use."
            ),
        ),
        ({}, "Missing ARN."),
        (
            {"ModelPackageGroupName": "missing"},
            f"ModelPackageGroup {ARN}:model-package-group/missing does not exist.",
        ),
    ],
)
def test_a_version_of_no_group_is_refused(sagemaker: Any, request_: dict[str, str], message: str) -> None:
    assert refusal(sagemaker.create_model_package, **request_) == ("ValidationException", message)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (
            {"InferenceSpecification": SPECIFICATION, "SourceUri": "s3://b/k"},
            "InferenceSpecification and SourceUri cannot both be specified.",
        ),
        (
            {"Tags": [{"Key": "a", "Value": "b"}]},
            "Tags cannot be specified for a versioned ModelPackage: tag its ModelPackageGroup.",
        ),
        (
            {"ModelApprovalStatus": "Fine"},
            (
                "1 validation error detected: Value 'Fine' at 'modelApprovalStatus' failed to satisfy "
                "constraint: Member must satisfy enum value set: [Approved, Rejected, PendingManualApproval]"
            ),
        ),
        (
            {"SourceUri": f"{ARN}:model/any"},
            "AWS on this machine does not support an ARN as SourceUri of a model package.",
        ),
        (
            {"SecurityConfig": {"KmsKeyId": "any"}},
            "AWS on this machine does not support SecurityConfig of a model package.",
        ),
    ],
)
def test_an_invalid_version_is_refused(group: Group, request_: dict[str, Any], message: str) -> None:
    assert refusal(group.add, **request_) == ("ValidationException", message)
    assert group.versions() == []


@pytest.mark.parametrize(
    "properties",
    [{"metrics": "AUC 0.7, Brier 0.1"}, {"a b(c)": "d"}, {"key": "v" * 257}],
    ids=["comma", "bracket in the key", "too long"],
)
def test_a_property_with_other_characters_or_lengths_is_refused(
    group: Group, properties: dict[str, str]
) -> None:
    code, message = refusal(group.add, CustomerMetadataProperties=properties)

    assert code == "ValidationException"
    assert "'customerMetadataProperties' failed to satisfy constraint: Map " in message


def test_an_approval_description_of_two_lines_is_refused(group: Group) -> None:
    arn = group.add()

    code, message = refusal(
        group.sagemaker.update_model_package, ModelPackageArn=arn, ApprovalDescription="one\ntwo"
    )

    assert code == "ValidationException"
    assert message.endswith("Member must satisfy regular expression pattern: .*")


def test_an_update_changes_approval_description_and_properties(group: Group) -> None:
    arn = group.add(CustomerMetadataProperties={"source": "retraining", "replaced": "a", "rows": "10"})

    group.sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="by Ada: better",
        CustomerMetadataProperties={"released_at": "2026-01-01T00:00:00Z", "rows": "11"},
        CustomerMetadataPropertiesToRemove=["replaced"],
    )

    described = group.describe(arn)
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["ApprovalDescription"] == "by Ada: better"
    assert described["CustomerMetadataProperties"] == {
        "source": "retraining",
        "rows": "11",
        "released_at": "2026-01-01T00:00:00Z",
    }
    assert described["LastModifiedTime"] >= described["CreationTime"]


def test_more_than_fifty_properties_are_refused_and_change_nothing(group: Group) -> None:
    arn = group.add(CustomerMetadataProperties={f"key{number}": "value" for number in range(50)})

    code, message = refusal(
        group.sagemaker.update_model_package,
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        CustomerMetadataProperties={"another": "value"},
    )

    assert code == "ValidationException"
    assert message.endswith("Member must have length less than or equal to 50")
    described = group.describe(arn)
    assert (described["ModelApprovalStatus"], len(described["CustomerMetadataProperties"])) == (
        "PendingManualApproval",
        50,
    )


def test_a_missing_version_is_refused_in_the_words_of_aws(group: Group) -> None:
    arn = f"{ARN}:model-package/{group.name}/7"
    sagemaker = group.sagemaker

    for call, name in (
        (sagemaker.describe_model_package, "ModelPackageName"),
        (sagemaker.delete_model_package, "ModelPackageName"),
        (sagemaker.update_model_package, "ModelPackageArn"),
    ):
        assert refusal(call, **{name: arn}) == ("ValidationException", f"ModelPackage {arn} does not exist.")


def test_several_versions_are_described_at_once_and_missing_ones_are_errors(group: Group) -> None:
    arn, missing = group.add(InferenceSpecification=SPECIFICATION), f"{ARN}:model-package/{group.name}/9"

    answer = group.sagemaker.batch_describe_model_package(ModelPackageArnList=[arn, missing])

    assert answer["ModelPackageSummaries"][arn]["InferenceSpecification"] == SPECIFICATION
    assert answer["BatchDescribeModelPackageErrorMap"][missing] == {
        "ErrorCode": "ValidationException",
        "ErrorResponse": f"ModelPackage {missing} does not exist.",
    }


def test_a_list_is_filtered_sorted_and_paged(group: Group) -> None:
    for status in ("Approved", "Rejected", "Approved"):
        group.add(ModelApprovalStatus=status)

    assert group.versions() == [1, 2, 3]
    assert group.versions(SortOrder="Descending") == [3, 2, 1]
    assert group.versions(ModelApprovalStatus="Approved") == [1, 3]
    assert group.versions(NameContains="another") == []
    created = group.describe(f"{ARN}:model-package/{group.name}/2")["CreationTime"]
    assert group.versions(CreationTimeAfter=created) == [3]
    assert group.versions(CreationTimeBefore=created) == [1]
    pages = group.sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group.name, PaginationConfig={"PageSize": 2}
    )
    assert [len(page["ModelPackageSummaryList"]) for page in pages] == [2, 1]


def test_a_list_without_a_group_has_versions_only_on_request(group: Group) -> None:
    arn = group.add()

    def listed(**filters: str) -> list[str]:
        found = group.sagemaker.list_model_packages(NameContains=group.name, **filters)
        return [package["ModelPackageArn"] for package in found["ModelPackageSummaryList"]]

    assert listed() == []
    assert listed(ModelPackageType="Versioned") == [arn]


@pytest.mark.parametrize("parameter", ["SortBy", "SortOrder"])
def test_a_list_in_an_unknown_order_is_refused(group: Group, parameter: str) -> None:
    code, message = refusal(group.versions, **{parameter: "Size"})

    assert code == "ValidationException"
    assert "Member must satisfy enum value set" in message
