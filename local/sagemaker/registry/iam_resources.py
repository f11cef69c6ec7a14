"""Resources of the model registry that IAM decides about.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from collections.abc import Mapping

from local.sagemaker.registry.names import full_package_arn, group_arn, package_arn

_GROUP_OPERATIONS = ("CreateModelPackageGroup", "DescribeModelPackageGroup", "DeleteModelPackageGroup")
# The number of a new version, and those of a list, are in no request. A policy names them by the group, as in
# https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html
_EVERY_VERSION = "*"


def registry_resources(operation: str, parameters: Mapping[str, object]) -> list[str]:
    """Returns the ARNs of the resources that an operation of the registry needs; empty for any other."""
    group = str(parameters.get("ModelPackageGroupName", ""))
    if operation in _GROUP_OPERATIONS:
        return [group_arn(group)]
    if operation == "CreateModelPackage" and group:
        return [group_arn(group), package_arn(group, _EVERY_VERSION)]
    if operation == "ListModelPackages" and group:
        return [package_arn(group, _EVERY_VERSION)]
    if operation in ("DescribeModelPackage", "DeleteModelPackage"):
        return [full_package_arn(str(parameters.get("ModelPackageName", "")))]
    if operation == "UpdateModelPackage":
        return [full_package_arn(str(parameters.get("ModelPackageArn", "")))]
    listed = parameters.get("ModelPackageArnList")
    if operation == "BatchDescribeModelPackage" and isinstance(listed, list):
        return [full_package_arn(str(arn)) for arn in listed]
    return []
