"""Registry: the model packages of the stack's group, one for each version."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
_MAX_VALUE = 256
_MAX_DESCRIPTION = 1024
# Characters that a value may not have, of those that figures and addresses may have.
_FORBIDDEN = re.compile(r"[^\w\s.:/=+@-]")
PENDING, APPROVED, REJECTED = "PendingManualApproval", "Approved", "Rejected"


class ModelPackages:
    """The packages.

    Args:
        sagemaker: SageMaker client of boto3.
        group: Name of the model package group.
    """

    def __init__(self, sagemaker: Any, group: str) -> None:
        self._sagemaker = sagemaker
        self._group = group

    def newest_first(self) -> Iterator[Mapping[str, Any]]:
        """Yields the descriptions of all packages."""
        pages = self._sagemaker.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=self._group, SortBy="CreationTime", SortOrder="Descending"
        )
        for page in pages:
            for found in page["ModelPackageSummaryList"]:
                yield self.describe(found["ModelPackageArn"])

    def describe(self, package: str) -> Mapping[str, Any]:
        """Returns the description of the package of an ARN."""
        found: Mapping[str, Any] = self._sagemaker.describe_model_package(ModelPackageName=package)
        return found

    def find(self, version: str) -> Mapping[str, Any] | None:
        """Returns the newest package of a version, or None."""
        return next(
            (found for found in self.newest_first() if properties_of(found)["version"] == version), None
        )

    def create(
        self,
        *,
        source: Mapping[str, Any],
        description: str,
        verdict: str,
        properties: Mapping[str, str],
    ) -> str:
        """Creates a package that waits for approval; returns its ARN.

        Args:
            source: InferenceSpecification or SourceUri of the bundle.
            description: What it is, in one line.
            verdict: S3 URI of the verdict.
            properties: Its metadata; values that are too long are cut.
        """
        created = self._sagemaker.create_model_package(
            ModelPackageGroupName=self._group,
            ModelPackageDescription=description[:_MAX_DESCRIPTION],
            ModelApprovalStatus=PENDING,
            ModelMetrics={
                "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": verdict}}
            },
            CustomerMetadataProperties=_values(properties),
            **source,
        )
        return str(created["ModelPackageArn"])

    def decide(self, package: str, status: str, *, reason: str) -> None:
        """Sets the approval status of a package, and why."""
        self._sagemaker.update_model_package(
            ModelPackageArn=package,
            ModelApprovalStatus=status,
            # SageMaker refuses lines, which reasons of CloudFormation may have.
            ApprovalDescription=" ".join(reason.split())[:_MAX_DESCRIPTION],
        )


def source_of(bundle: str, *, like: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Returns what serves a bundle: the image of another package, or the bundle alone where code is in a zip.

    Args:
        bundle: S3 URI of the bundle.
        like: Description of the package of a version that serves; None for none.
    """
    specification = (like or {}).get("InferenceSpecification")
    if not specification:
        return {"SourceUri": bundle}
    containers = [
        {"Image": container["Image"], "ModelDataUrl": bundle} for container in specification["Containers"]
    ]
    return {"InferenceSpecification": {**specification, "Containers": containers}}


def properties_of(package: Mapping[str, Any]) -> Mapping[str, str]:
    """Returns the metadata of a package; `version` is "" for one that another program has made."""
    return {"version": "", **package.get("CustomerMetadataProperties", {})}


def _values(properties: Mapping[str, str]) -> dict[str, str]:
    return {name: _FORBIDDEN.sub(" ", value)[:_MAX_VALUE] for name, value in properties.items()}
