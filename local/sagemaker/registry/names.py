"""Names and ARNs of model package groups and of the versions in them.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html#amazonsagemaker-resources-for-iam-policies
"""

from local.local_aws import ACCOUNT, REGION

_SAGEMAKER = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
_GROUP = "model-package-group"
_PACKAGE = "model-package"


def group_arn(group: str) -> str:
    """Returns the ARN of a group; `group` is its name or its ARN."""
    return f"{_SAGEMAKER}:{_GROUP}/{group_name(group)}"


def group_name(group: str) -> str:
    """Returns the name of a group; `group` is its name or its ARN."""
    return group.rpartition("/")[2]


def package_arn(group: str, version: object) -> str:
    """Returns the ARN of a version; `group` is the group's name or its ARN, and `version` may be *."""
    return f"{_SAGEMAKER}:{_PACKAGE}/{group_name(group)}/{version}"


def full_package_arn(package: str) -> str:
    """Returns the ARN of a package that a request names by its ARN or by its name."""
    return package if package.startswith("arn:") else f"{_SAGEMAKER}:{_PACKAGE}/{package}"
