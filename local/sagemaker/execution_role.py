"""Execution role of a model or a training job: what SageMaker does with its permissions.

https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from local.arns import alarm_arn
from local.local_aws import REGION
from local.sagemaker.errors import SageMakerError, invalid

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
_PULL_ACTIONS = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
_IMAGE = re.compile(r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[\w-]+)\.[\w.]+/(?P<name>[^:@]+)[:@].+")
# SageMaker's own sentence: https://github.com/philschmid/llm-sagemaker-sample/issues/2
_NO_DATA = (
    'Could not access model data at {url}. Please ensure that the role "{role}" exists and that its trust '
    'relationship policy allows the action "sts:AssumeRole" for the service principal '
    '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the '
    "object is located in {region}. If your Model uses multiple models or uncompressed models, please "
    'ensure that the role has "s3:ListBucket" permission.'
)


class RoleError(Exception):
    """The role does not exist, or its trust policy does not let SageMaker assume it."""


class ExecutionRole(Protocol):
    """A role that SageMaker has assumed."""

    def client(self, service: str, /) -> Any:
        """Creates a boto3 client with the role's credentials."""

    def refusal(self, action: str, resource: str, /) -> str:
        """Returns AWS's message when the role may not do an action, or ""."""


class AssumeRole(Protocol):
    """Assumes a role as SageMaker."""

    def __call__(self, role_arn: str, /, *, source_arn: str) -> ExecutionRole:
        """Assumes a role; raises RoleError."""


def assume_or_refuse(assume: AssumeRole, role_arn: str, *, source_arn: str) -> ExecutionRole:
    """Assumes the role of a request.

    Raises:
        SageMakerError: SageMaker may not; in its own words, as in
            https://github.com/awslabs/predictive-maintenance-using-machine-learning/issues/3
    """
    try:
        return assume(role_arn, source_arn=source_arn)
    except RoleError:
        raise invalid(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows principal "
            "'sagemaker.amazonaws.com' to assume the role."
        ) from None


def check_model_data(role: ExecutionRole, role_arn: str, url: str, *, is_prefix: bool) -> None:
    """Checks that a role may read a model's data.

    Args:
        role: The role.
        role_arn: Its ARN.
        url: The archive, or the prefix of several.
        is_prefix: Whether it is a prefix, which needs s3:ListBucket.

    Raises:
        SageMakerError: It may not.
    """
    parts = urlsplit(url)
    bucket = f"arn:aws:s3:::{parts.netloc}"
    action, resource = ("s3:ListBucket", bucket) if is_prefix else ("s3:GetObject", f"{bucket}{parts.path}")
    if role.refusal(action, resource):
        raise invalid(_NO_DATA.format(url=url, role=role_arn, region=REGION))


def image_refusal(role: ExecutionRole, role_arn: str, image: str) -> str:
    """Returns SageMaker's reason why a role cannot pull an image, or "".

    The sentence is SageMaker's: https://github.com/aws/sagemaker-python-sdk/issues/2002
    """
    found = _IMAGE.fullmatch(image)
    if not found:
        return ""
    repository = f"arn:aws:ecr:{found['region']}:{found['account']}:repository/{found['name']}"
    calls = [("ecr:GetAuthorizationToken", "*"), *((action, repository) for action in _PULL_ACTIONS)]
    refused = [action.partition(":")[2] for action, resource in calls if role.refusal(action, resource)]
    return (
        f"The role '{role_arn}' does not have {refused[0]} permission for the image: '{image}'."
        if refused
        else ""
    )


def check_rollback_alarms(role: ExecutionRole, deployment: Mapping[str, Any] | None) -> None:
    """Checks that a role may describe the alarms that roll an update back.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html

    Raises:
        SageMakerError: It may not.
    """
    alarms: Sequence[Mapping[str, str]] = ((deployment or {}).get("AutoRollbackConfiguration") or {}).get(
        "Alarms", ()
    )
    for alarm in alarms:
        arn = alarm_arn(alarm["AlarmName"])
        if message := role.refusal("cloudwatch:DescribeAlarms", arn):
            raise SageMakerError("ValidationException", message)
