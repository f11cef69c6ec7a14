"""Model registry of a deployed stack: finds, registers, approves and rejects versions.

The stack itself notes when a version has begun to serve, and which one it has replaced.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.current_stack import CurrentStack
from stacks.commands.models.registered_version import RegisteredVersion
from stacks.registry.package_properties import approval_text

# Output of a stack that has one.
REGISTRY = "ModelPackageGroup"


class Registry:
    """The registry.

    Args:
        account: The account of the stack.
        group: Name of its model package group.
    """

    def __init__(self, account: AwsAccount, group: str) -> None:
        self._account = account
        self.group = group

    @classmethod
    def of(cls, account: AwsAccount, stack: CurrentStack) -> Self:
        """Returns the registry of a stack.

        Raises:
            UnreadableAccountError: The stack has none.
        """
        if REGISTRY in stack.outputs:
            return cls(account, stack.outputs[REGISTRY])
        if "," in stack.outputs.get("Models", ""):
            raise UnreadableAccountError(
                f"The stack {stack.name} has several models, which have no registry: deployments release "
                "them together. Its outputs have their versions."
            )
        raise UnreadableAccountError(f"The stack {stack.name} has no registry yet: deploy it again.")

    def versions(self) -> Iterator[RegisteredVersion]:
        """Yields the versions, the newest first; each is read when it is reached.

        Raises:
            UnreadableAccountError: SageMaker refuses.
        """
        for arn in self._arns():
            package = self._call("describe_model_package", "DescribeModelPackage", ModelPackageName=arn)
            yield RegisteredVersion.of(package)

    def find(self, version: str) -> RegisteredVersion | None:
        """Returns a version, or None when it is not registered.

        Raises:
            UnreadableAccountError: SageMaker refuses.
        """
        return next((found for found in self.versions() if found.version == version), None)

    def register(
        self,
        properties: Mapping[str, str],
        *,
        url: str,
        like: RegisteredVersion | None,
        approval: str = "PendingManualApproval",
    ) -> RegisteredVersion:
        """Registers a version, unless it is registered; an earlier package is not changed.

        Args:
            properties: Its properties, such as those of `package_properties`.
            url: S3 URI of its bundle.
            like: A version that is served as the new one will be, such as the champion; None for the bundle
                alone.
            approval: ModelApprovalStatus of a new package.

        Raises:
            UnreadableAccountError: SageMaker refuses.
        """
        if found := self.find(properties["version"]):
            return found
        image = {"image": like.properties["image"]} if like and "image" in like.properties else {}
        created = self._call(
            "create_model_package",
            "CreateModelPackage",
            ModelPackageGroupName=self.group,
            ModelApprovalStatus=approval,
            CustomerMetadataProperties={**properties, **image},
            **(like.source_with(url) if like else {"SourceUri": url}),
        )
        arn = created["ModelPackageArn"]
        package = self._call("describe_model_package", "DescribeModelPackage", ModelPackageName=arn)
        return RegisteredVersion.of(package)

    def approve(self, version: RegisteredVersion, *, who: str, why: str) -> None:
        """Approves a version, which raises an event; who has done it is a text.

        Raises:
            UnreadableAccountError: SageMaker refuses.
        """
        self._decide(version, "Approved", who, why)

    def reject(self, version: RegisteredVersion, *, who: str, why: str) -> None:
        """Rejects a version: one that the judge found worse, or that has failed in service.

        Raises:
            UnreadableAccountError: SageMaker refuses.
        """
        self._decide(version, "Rejected", who, why)

    def _decide(self, version: RegisteredVersion, status: str, who: str, why: str) -> None:
        self._call(
            "update_model_package",
            "UpdateModelPackage",
            ModelPackageArn=version.arn,
            ModelApprovalStatus=status,
            ApprovalDescription=approval_text(who, why),
        )

    def _arns(self) -> Iterator[str]:
        more: dict[str, str] = {}
        while True:
            page = self._call(
                "list_model_packages",
                "ListModelPackages",
                ModelPackageGroupName=self.group,
                SortBy="CreationTime",
                SortOrder="Descending",
                **more,
            )
            yield from (package["ModelPackageArn"] for package in page["ModelPackageSummaryList"])
            if "NextToken" not in page:
                return
            more = {"NextToken": page["NextToken"]}

    def _call(self, method: str, operation: str, **parameters: Any) -> Any:
        return self._account.change("sagemaker", method, action=f"sagemaker:{operation}", **parameters)
