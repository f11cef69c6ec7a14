"""Model package group and model package: their requests, and what changes of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from local.sagemaker.registry.names import group_arn, package_arn

PENDING = "PendingManualApproval"


@dataclass(kw_only=True)
class ModelPackage:
    """A version of a model.

    Attributes:
        group: The name of its group.
        version: ModelPackageVersion.
        request: The request of CreateModelPackage.
        properties: CustomerMetadataProperties.
        approval: ModelApprovalStatus.
        approval_description: ApprovalDescription, or "".
        created: CreationTime.
        modified: LastModifiedTime; None until it has been updated.
    """

    group: str
    version: int
    request: Mapping[str, Any]
    properties: dict[str, str] = field(default_factory=dict)
    approval: str = PENDING
    approval_description: str = ""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    modified: datetime | None = None

    @property
    def name(self) -> str:
        """The name of its group, by which a list filters."""
        return self.group

    @property
    def arn(self) -> str:
        """The ARN."""
        return package_arn(self.group, self.version)


@dataclass(kw_only=True)
class ModelPackageGroup:
    """A group of versions.

    Attributes:
        name: Its name.
        request: The request of CreateModelPackageGroup.
        packages: Its versions, by their ARN, oldest first.
        newest: The number of the last version that was created; numbers are not used again.
        created: CreationTime.
    """

    name: str
    request: Mapping[str, Any]
    packages: dict[str, ModelPackage] = field(default_factory=dict)
    newest: int = 0
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def arn(self) -> str:
        """The ARN."""
        return group_arn(self.name)
