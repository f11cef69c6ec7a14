"""Catalog of model package groups, with the errors that SageMaker has for them."""

from local.sagemaker.errors import SageMakerError, invalid
from local.sagemaker.registry.model_package import ModelPackageGroup
from local.sagemaker.registry.names import group_name
from local.sagemaker.resource_collection import Catalog


class GroupCatalog(Catalog[ModelPackageGroup]):
    """The groups, by name; safe for use by several threads."""

    def __init__(self) -> None:
        super().__init__(noun="model package group", path="model-package-group")

    def add(self, item: ModelPackageGroup) -> None:
        """Adds a group.

        Raises:
            SageMakerError: The name is taken; the words before the colon are SageMaker's:
                https://github.com/apache/airflow/pull/28024
        """
        with self._lock:
            if item.name in self._items:
                raise invalid(f"Model Package Group already exists: {item.arn}")
            self._items[item.name] = item

    def get(self, name: str) -> ModelPackageGroup:
        """Returns a group; `name` is its name or its ARN.

        Raises:
            SageMakerError: No group has this name; SageMaker's words, as in
                https://github.com/aws-controllers-k8s/sagemaker-controller/blob/main/generator.yaml
        """
        name = group_name(name)
        with self._lock:
            if name not in self._items:
                raise invalid(f"ModelPackageGroup {self.arn(name)} does not exist.")
            return self._items[name]

    def remove(self, name: str) -> None:
        """Removes a group; `name` is its name or its ARN.

        "You can only delete an empty model group":
        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-delete-model-group.html
        The code of the error is that of DeleteModelPackageGroup's page.

        Raises:
            SageMakerError: The group does not exist, or has versions.
        """
        group = self.get(name)
        if group.packages:
            raise SageMakerError(
                "ConflictException",
                f"ModelPackageGroup {group.arn} cannot be deleted because it contains "
                f"{len(group.packages)} model packages. You can only delete an empty model group.",
            )
        super().remove(group.name)
