"""Model registry of the stack: registers a deployed version, marks the one that serves, deletes all."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from .retry_until_permitted import retry_until_permitted


class RegistryError(Exception):
    """A failure in the registry; its message is one sentence for the events of the stack."""


def register(sagemaker: Any, properties: Mapping[str, Any]) -> str:
    """Registers a version as approved, unless it is registered; returns the ARN of its model package.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html

    Args:
        sagemaker: SageMaker client of boto3.
        properties: ModelPackageGroupName, ModelDataUrl, MediaTypes, ApprovalDescription and
            CustomerMetadataProperties, one of which is `version`; Image where an image serves the model.

    Raises:
        ClientError: SageMaker refuses a request.
    """
    group, metadata = properties["ModelPackageGroupName"], properties["CustomerMetadataProperties"]
    if found := _find(sagemaker, group, metadata["version"]):
        return found
    created = retry_until_permitted(
        lambda: sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            CustomerMetadataProperties=metadata,
            **_source(properties),
        )
    )
    arn: str = created["ModelPackageArn"]
    # CreateModelPackage takes no ApprovalDescription.
    sagemaker.update_model_package(ModelPackageArn=arn, ApprovalDescription=properties["ApprovalDescription"])
    return arn


def mark_released(sagemaker: Any, properties: Mapping[str, Any], *, before: str, now: datetime) -> None:
    """Notes when a version has begun to serve, and which version it has replaced.

    Args:
        sagemaker: SageMaker client of boto3.
        properties: ModelPackageGroupName, and ServedVersion, which may not be registered.
        before: Version that served before; "" for none.
        now: The time, in UTC.

    Raises:
        ClientError: SageMaker refuses a request.
    """
    version = properties["ServedVersion"]
    arn = None if version == before else _find(sagemaker, properties["ModelPackageGroupName"], version)
    if arn:
        noted = {
            "released_at": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            **({"replaced": before} if before else {}),
        }
        sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties=noted)


def delete_versions(sagemaker: Any, group: str, *, seconds_left: Callable[[], float]) -> None:
    """Deletes every version of a group, which CloudFormation can delete only without any.

    Args:
        sagemaker: SageMaker client of boto3.
        group: Name of the group, which may not exist.
        seconds_left: Returns the seconds until the function has to respond.

    Raises:
        RegistryError: The time is over.
        ClientError: SageMaker refuses a request.
    """
    try:
        packages = [*_packages(sagemaker, group)]
    except ClientError as error:
        if not _is_gone(error):
            raise
        return
    for arn in packages:
        if seconds_left() <= 0:
            raise RegistryError(
                f"The model package group {group} has too many versions for one invocation: delete the stack "
                "again."
            )
        try:
            sagemaker.delete_model_package(ModelPackageName=arn)
        except ClientError as error:
            # Somebody else has deleted it, or the request before whose answer was lost.
            if not _is_gone(error):
                raise


def _is_gone(error: ClientError) -> bool:
    return "does not exist" in error.response["Error"]["Message"]


def _source(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what serves the version: image and bundle, or the bundle alone where the code is in a zip."""
    url = properties["ModelDataUrl"]
    if "Image" not in properties:
        return {"SourceUri": url}
    specification = {
        "Containers": [{"Image": properties["Image"], "ModelDataUrl": url}],
        "SupportedContentTypes": properties["MediaTypes"],
        "SupportedResponseMIMETypes": properties["MediaTypes"],
    }
    return {"InferenceSpecification": specification}


def _find(sagemaker: Any, group: str, version: str) -> str | None:
    for arn in retry_until_permitted(lambda: [*_packages(sagemaker, group)]):
        if _described_version(sagemaker, arn) == version:
            return arn
    return None


def _described_version(sagemaker: Any, arn: str) -> str | None:
    described = retry_until_permitted(lambda: sagemaker.describe_model_package(ModelPackageName=arn))
    version: str | None = described.get("CustomerMetadataProperties", {}).get("version")
    return version


def _packages(sagemaker: Any, group: str) -> Iterator[str]:
    """Yields the ARNs of a group's versions, the newest first."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
    )
    for page in pages:
        yield from (package["ModelPackageArn"] for package in page["ModelPackageSummaryList"])
