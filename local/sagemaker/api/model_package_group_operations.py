"""Operations on model package groups.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackageGroup.html
"""

from local.sagemaker.api.lists import sorted_page
from local.sagemaker.api.operation import Operation, OperationParameters, OperationResult
from local.sagemaker.errors import invalid
from local.sagemaker.registry.model_package import ModelPackageGroup
from local.sagemaker.registry.registry import SageMakerRegistry

_NAME = "ModelPackageGroupName"


def model_package_group_operations(registry: SageMakerRegistry) -> dict[str, Operation]:
    """Returns the operations by name.

    Args:
        registry: The groups that they read and change.
    """
    return {
        "CreateModelPackageGroup": lambda parameters: _create(registry, parameters),
        "DescribeModelPackageGroup": lambda parameters: {
            **_summary(registry.groups.get(parameters[_NAME])),
            "CreatedBy": {},
        },
        "ListModelPackageGroups": lambda parameters: _list(registry, parameters),
        "DeleteModelPackageGroup": lambda parameters: _delete(registry, parameters),
    }


def _create(registry: SageMakerRegistry, parameters: OperationParameters) -> OperationResult:
    if "ManagedConfiguration" in parameters:
        raise invalid("AWS on this machine does not support ManagedConfiguration of a model package group.")
    group = ModelPackageGroup(name=parameters[_NAME], request=dict(parameters))
    registry.groups.add(group)
    return {"ModelPackageGroupArn": group.arn}


def _list(registry: SageMakerRegistry, parameters: OperationParameters) -> OperationResult:
    return sorted_page(
        "ModelPackageGroupSummaryList", registry.groups.all(), parameters, own=(), summary=_summary
    )


def _delete(registry: SageMakerRegistry, parameters: OperationParameters) -> OperationResult:
    registry.groups.remove(parameters[_NAME])
    return {}


def _summary(group: ModelPackageGroup) -> OperationResult:
    description = "ModelPackageGroupDescription"
    return {
        _NAME: group.name,
        "ModelPackageGroupArn": group.arn,
        **({description: group.request[description]} if description in group.request else {}),
        "CreationTime": group.created.timestamp(),
        "ModelPackageGroupStatus": "Completed",
    }
