"""Operations on model packages, which are the versions of a model package group.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
"""

from local.sagemaker.api.lists import sorted_page
from local.sagemaker.api.operation import Operation, OperationParameters, OperationResult
from local.sagemaker.errors import SageMakerError
from local.sagemaker.registry.model_package import ModelPackage
from local.sagemaker.registry.registry import SageMakerRegistry

_NAME = "ModelPackageName"
_GROUP = "ModelPackageGroupName"
_TYPE = "ModelPackageType"
_APPROVAL = "ModelApprovalStatus"
_NOT_DESCRIBED = ("ClientToken", "Tags", _GROUP, "CustomerMetadataProperties", _APPROVAL)


def model_package_operations(registry: SageMakerRegistry) -> dict[str, Operation]:
    """Returns the operations by name.

    Args:
        registry: The versions that they read and change.
    """
    return {
        "CreateModelPackage": lambda parameters: {"ModelPackageArn": registry.create(parameters).arn},
        "DescribeModelPackage": lambda parameters: _described(registry.package(parameters[_NAME])),
        "BatchDescribeModelPackage": lambda parameters: _describe_all(registry, parameters),
        "ListModelPackages": lambda parameters: _list(registry, parameters),
        "UpdateModelPackage": lambda parameters: {"ModelPackageArn": registry.update(parameters).arn},
        "DeleteModelPackage": lambda parameters: _delete(registry, parameters),
    }


def _described(package: ModelPackage) -> OperationResult:
    request = {name: value for name, value in package.request.items() if name not in _NOT_DESCRIBED}
    described = {
        **request,
        **_summary(package),
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CertifyForMarketplace": False,
    }
    if package.properties:
        described["CustomerMetadataProperties"] = dict(package.properties)
    if package.approval_description:
        described["ApprovalDescription"] = package.approval_description
    if package.modified:
        described["LastModifiedTime"] = package.modified.timestamp()
    return described


def _describe_all(registry: SageMakerRegistry, parameters: OperationParameters) -> OperationResult:
    """Describes packages; those that do not exist are errors of the result.

    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BatchDescribeModelPackage.html
    """
    found: OperationResult = {}
    errors: OperationResult = {}
    for arn in parameters["ModelPackageArnList"]:
        try:
            package = registry.package(arn)
        except SageMakerError as error:
            errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
        else:
            specification = package.request.get("InferenceSpecification", {"Containers": []})
            found[arn] = {**_summary(package), "InferenceSpecification": specification}
    return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}


def _list(registry: SageMakerRegistry, parameters: OperationParameters) -> OperationResult:
    if _GROUP in parameters:
        packages = list(registry.groups.get(parameters[_GROUP]).packages.values())
    # Without a type, only packages of no group are listed, and there are none here.
    elif parameters.get(_TYPE, "Unversioned") == "Unversioned":
        packages = []
    else:
        packages = [package for group in registry.groups.all() for package in group.packages.values()]
    wanted = parameters.get(_APPROVAL)
    return sorted_page(
        "ModelPackageSummaryList",
        [package for package in packages if wanted in (None, package.approval)],
        parameters,
        own=(_GROUP, _TYPE, _APPROVAL),
        summary=_summary,
    )


def _delete(registry: SageMakerRegistry, parameters: OperationParameters) -> OperationResult:
    registry.delete(parameters[_NAME])
    return {}


def _summary(package: ModelPackage) -> OperationResult:
    description = "ModelPackageDescription"
    return {
        _GROUP: package.group,
        "ModelPackageVersion": package.version,
        "ModelPackageArn": package.arn,
        **({description: package.request[description]} if description in package.request else {}),
        "CreationTime": package.created.timestamp(),
        "ModelPackageStatus": "Completed",
        _APPROVAL: package.approval,
    }
