"""The role with which CloudFormation changes the resources of a stack.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

import contextvars
from collections.abc import Iterator, Mapping
from typing import Any

from local.iam.implied.passed_role import PASS_ROLE, PassedRole
from local.iam.policy_evaluation import PolicyEvaluation
from local.iam.role_session import RoleSessions, TrustError
from local.iam.stacks.handler_permissions import TypePermissions
from local.iam.stacks.type_permissions import TYPE_PERMISSIONS
from local.local_aws import ACCOUNT, REGION

_SERVICE = "cloudformation.amazonaws.com"
_SESSION = "AWSCloudFormation"
_FUNCTION_CODE = "AWS::Lambda::Function"

# The key of the caller of the request in progress; a deployment goes on in a copy of its context.
calling_key: contextvars.ContextVar[str] = contextvars.ContextVar("calling_key", default="")

Call = tuple[str, str, Mapping[str, str]]


class ResourceDeniedError(Exception):
    """The stack's role may not change a resource; the message becomes the reason of the stack event."""


class StackRoles:
    """The role of each stack, and what it may do.

    Args:
        evaluation: Decides.
        sessions: The sessions of CloudFormation.
    """

    def __init__(self, *, evaluation: PolicyEvaluation, sessions: RoleSessions) -> None:
        self._evaluation = evaluation
        self._sessions = sessions
        self._roles: dict[str, str] = {}

    def set(self, stack: str, role_arn: str) -> None:
        """Gives a stack its role, which later operations without a role use too.

        Raises:
            TrustError: CloudFormation may not assume the role.
        """
        self._sessions.check_trust(_SERVICE, role_arn, source_arn=_stack_arn(stack))
        self._roles[stack] = role_arn

    def check(
        self, operation: str, resource_type: str, *, stack: str, name: str, properties: Mapping[str, Any]
    ) -> None:
        """Checks that the stack's role may create, update or delete a resource.

        Args:
            operation: create, update or delete.
            resource_type: Such as AWS::Lambda::Function; a type without entry is not checked.
            stack: The stack's name.
            name: The resource's name or ARN.
            properties: Its properties.

        Raises:
            ResourceDeniedError: An action is not allowed; the message is AWS's.
        """
        permissions = TYPE_PERMISSIONS.get(resource_type)
        if permissions is None and not _is_custom(resource_type):
            return
        key = self._key(stack)
        for action, resource, context in _calls(operation, resource_type, permissions, name, properties):
            self._check(key, action, resource, context)
        if operation != "delete" and permissions and (role := properties.get(permissions.role)):
            self._check_passed_role(permissions.service, role)

    def check_action(self, action: str, resource: str, *, stack: str) -> None:
        """Checks that the stack's role may do a further action, such as codedeploy:CreateDeployment.

        Raises:
            ResourceDeniedError: It may not; the message is AWS's.
        """
        self._check(self._key(stack), action, resource, {})

    def _check(self, key: str, action: str, resource: str, context: Mapping[str, str]) -> None:
        if message := self._evaluation.check(key, action, resource, context=context):
            raise ResourceDeniedError(
                f'Resource handler returned message: "{message} (Service: '
                f'{action.partition(":")[0].title()}, Status Code: 403)" '
                "(HandlerErrorCode: AccessDenied)"
            )

    def _check_passed_role(self, service: str, role: str) -> None:
        source = f"arn:aws:{service.partition('.')[0]}:{REGION}:{ACCOUNT}:*"
        try:
            self._sessions.check_trust(service, role, source_arn=source)
        except TrustError as error:
            raise ResourceDeniedError(
                _UNTRUSTED.get(service, "{error}").format(role=role, error=error)
            ) from None

    def _key(self, stack: str) -> str:
        if role := self._roles.get(stack):
            credentials = self._sessions.assume(_SERVICE, role, name=_SESSION, source_arn=_stack_arn(stack))
            return credentials.access_key_id
        return calling_key.get()


# https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html
_UNTRUSTED = {
    "lambda.amazonaws.com": "The role defined for the function cannot be assumed by Lambda.",
    "sagemaker.amazonaws.com": (
        "Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    "states.amazonaws.com": (
        "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to "
        "assume the provided role."
    ),
    "codedeploy.amazonaws.com": "Cannot assume role provided.",
    "apigateway.amazonaws.com": "The role ARN does not have required permissions set to API Gateway",
}


def _is_custom(resource_type: str) -> bool:
    """Returns whether a resource type is a custom resource.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
    """
    return resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource"


def _calls(
    operation: str,
    resource_type: str,
    permissions: TypePermissions | None,
    name: str,
    properties: Mapping[str, Any],
) -> Iterator[Call]:
    """Yields action, resource and condition keys of each call that an operation makes."""
    if permissions is None:
        # CloudFormation calls the function of a custom resource with the stack's role too.
        yield "lambda:InvokeFunction", properties.get("ServiceToken", "*"), {}
        return
    for action in getattr(permissions, operation):
        yield action, permissions.resource(name, properties), {}
    if operation == "delete":
        return
    if role := properties.get(permissions.role):
        passed = PassedRole(arn=role, service=permissions.service)
        yield PASS_ROLE, role, passed.context
    code = properties.get("Code") if resource_type == _FUNCTION_CODE else None
    if isinstance(code, Mapping) and "S3Bucket" in code:
        yield "s3:GetObject", f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}", {}


def _stack_arn(stack: str) -> str:
    return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/*"
