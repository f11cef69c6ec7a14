"""iam:PassRole: a principal that gives a role to a service needs it for that role.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from local.iam.request import ApiRequest

PASS_ROLE = "iam:PassRole"  # noqa: S105 - an action


@dataclass(frozen=True, kw_only=True)
class PassedRole:
    """A role that a call passes.

    Attributes:
        arn: The role.
        service: The service principal that gets it.
    """

    arn: str
    service: str

    @property
    def context(self) -> dict[str, str]:
        """The condition keys of iam:PassRole."""
        return {"iam:PassedToService": self.service}


def passed_role(action: str, request: ApiRequest) -> PassedRole | None:
    """Returns the role that a call passes; None when it passes none."""
    parameter, service = _PARAMETERS.get(action, ("", ""))
    arn = request.text(parameter) if parameter else ""
    return PassedRole(arn=arn, service=f"{service}.amazonaws.com") if arn else None


# Action -> the parameter with the role's ARN, and the service that it is passed to.
_PARAMETERS: Mapping[str, tuple[str, str]] = {
    "cloudformation:CreateChangeSet": ("RoleARN", "cloudformation"),
    "cloudformation:CreateStack": ("RoleARN", "cloudformation"),
    "cloudformation:DeleteStack": ("RoleARN", "cloudformation"),
    "cloudformation:UpdateStack": ("RoleARN", "cloudformation"),
    "lambda:CreateFunction": ("Role", "lambda"),
    "lambda:CreateFunction20150331": ("Role", "lambda"),
    "lambda:UpdateFunctionConfiguration": ("Role", "lambda"),
    "sagemaker:CreateModel": ("ExecutionRoleArn", "sagemaker"),
    "sagemaker:CreateTrainingJob": ("RoleArn", "sagemaker"),
    "scheduler:CreateSchedule": ("RoleArn", "scheduler"),
    "states:CreateStateMachine": ("roleArn", "states"),
    "states:UpdateStateMachine": ("roleArn", "states"),
}
