"""Model registry: creates, finds, changes and deletes the versions of model package groups."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.sagemaker.errors import SageMakerError, invalid
from local.sagemaker.registry.group_catalog import GroupCatalog
from local.sagemaker.registry.model_package import PENDING, ModelPackage, ModelPackageGroup
from local.sagemaker.registry.names import full_package_arn
from local.sagemaker.registry.package_events import PackageEvents
from local.sagemaker.registry.package_request import (
    check_created_package,
    check_properties,
    check_updated_package,
)
from local.sagemaker.updates.endpoint_events import Publish

_TOKEN = "ClientToken"  # noqa: S105 - a parameter's name
# Of an update, what replaces the member of the request.
_REPLACED = ("InferenceSpecification", "SourceUri")


class SageMakerRegistry:
    """The versions of one account and region; safe for use by several threads.

    Args:
        publish: Sends an event.

    Attributes:
        groups: The model package groups.
    """

    def __init__(self, publish: Publish) -> None:
        self.groups = GroupCatalog()
        self._events = PackageEvents(publish)
        self._lock = threading.RLock()

    def create(self, request: Mapping[str, Any]) -> ModelPackage:
        """Creates the next version of a group; a ClientToken that has been used returns its version.

        Raises:
            SageMakerError: The request is invalid, the group does not exist, or the token was used for
                another request.
        """
        check_created_package(request)
        with self._lock:
            group = self.groups.get(request["ModelPackageGroupName"])
            if earlier := _made_with(group, request):
                return earlier
            group.newest += 1
            package = ModelPackage(
                group=group.name,
                version=group.newest,
                request=dict(request),
                properties=dict(request.get("CustomerMetadataProperties", {})),
                approval=request.get("ModelApprovalStatus", PENDING),
            )
            group.packages[package.arn] = package
            self._events.status_changed(package)
        return package

    def package(self, name: str) -> ModelPackage:
        """Returns a version; `name` is its ARN.

        Raises:
            SageMakerError: It does not exist; SageMaker's words, as in
                https://github.com/aws-controllers-k8s/sagemaker-controller/blob/main/generator.yaml
        """
        arn = full_package_arn(name)
        with self._lock:
            for group in self.groups.all():
                if arn in group.packages:
                    return group.packages[arn]
        raise invalid(f"ModelPackage {arn} does not exist.")

    def update(self, request: Mapping[str, Any]) -> ModelPackage:
        """Changes approval, description, properties or what serves a version.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html

        Raises:
            SageMakerError: The request is invalid, or the version does not exist.
        """
        check_updated_package(request)
        with self._lock:
            package = self.package(request["ModelPackageArn"])
            removed = request.get("CustomerMetadataPropertiesToRemove", ())
            kept = {key: value for key, value in package.properties.items() if key not in removed}
            properties = kept | request.get("CustomerMetadataProperties", {})
            check_properties(properties)
            package.properties = properties
            package.request = {
                **package.request,
                **{name: request[name] for name in _REPLACED if name in request},
            }
            package.approval_description = request.get("ApprovalDescription", package.approval_description)
            package.modified = datetime.now(UTC)
            before, package.approval = package.approval, request.get("ModelApprovalStatus", package.approval)
            if package.approval != before:
                self._events.status_changed(package)
        return package

    def delete(self, name: str) -> None:
        """Deletes a version.

        Raises:
            SageMakerError: It does not exist.
        """
        with self._lock:
            package = self.package(name)
            del self.groups.get(package.group).packages[package.arn]


def _made_with(group: ModelPackageGroup, request: Mapping[str, Any]) -> ModelPackage | None:
    """Returns the version that was created with the token of a request."""
    token = request.get(_TOKEN)
    found = next(
        (package for package in group.packages.values() if token and package.request.get(_TOKEN) == token),
        None,
    )
    if found and found.request != request:
        raise SageMakerError(
            "ConflictException", f"ClientToken {token} was used for another model package, {found.arn}."
        )
    return found
