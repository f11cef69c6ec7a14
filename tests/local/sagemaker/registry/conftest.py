"""Model package groups on this machine through boto3."""

import uuid
from typing import Any

import pytest


class Group:
    """A model package group of a test's own.

    Args:
        sagemaker: Client of SageMaker.
    """

    def __init__(self, sagemaker: Any) -> None:
        self.sagemaker = sagemaker
        self.name = f"group-{uuid.uuid4().hex[:8]}"
        self.arn: str = sagemaker.create_model_package_group(ModelPackageGroupName=self.name)[
            "ModelPackageGroupArn"
        ]

    def add(self, **request: Any) -> str:
        """Creates a version; returns its ARN."""
        created = self.sagemaker.create_model_package(ModelPackageGroupName=self.name, **request)
        arn: str = created["ModelPackageArn"]
        return arn

    def describe(self, arn: str) -> dict[str, Any]:
        """Describes a version."""
        described: dict[str, Any] = self.sagemaker.describe_model_package(ModelPackageName=arn)
        return described

    def versions(self, **filters: Any) -> list[int]:
        """Returns the numbers of the versions in a list."""
        listed = self.sagemaker.list_model_packages(ModelPackageGroupName=self.name, **filters)
        return [package["ModelPackageVersion"] for package in listed["ModelPackageSummaryList"]]


@pytest.fixture
def group(sagemaker: Any) -> Group:
    return Group(sagemaker)
