"""AWS::StepFunctions::StateMachine: its role must be one with which Step Functions may log and make rules."""

from typing import Any

from ministack.services.cloudformation.provisioners import _sfn_definition

from local.emulator.assumed_roles import ExecutionRoles
from local.emulator.resource_types import (
    EmulatedProperties,
    ProvisionedResource,
    ResourceHandlers,
    override,
)
from local.emulator.state_machines import managed_event_rules

_TYPE = "AWS::StepFunctions::StateMachine"
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy
_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)


class StateMachineTypeError(Exception):
    """Step Functions refuses a state machine; the message becomes the reason of the stack event."""


def install(roles: ExecutionRoles) -> None:
    """Adds the check to MiniStack's type.

    Args:
        roles: Assumes roles as Step Functions.
    """

    def checked(handlers: ResourceHandlers) -> ResourceHandlers:
        def create(logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
            _check(roles, properties, logical_id)
            created: ProvisionedResource = handlers["create"](logical_id, properties, stack)
            return created

        def update(
            physical_id: str, old: EmulatedProperties, new: EmulatedProperties, *rest: Any
        ) -> ProvisionedResource:
            _check(roles, new, physical_id)
            updated: ProvisionedResource = handlers["update"](physical_id, old, new, *rest)
            return updated

        return {"create": create, "update": update}

    override(_TYPE, checked)


def _check(roles: ExecutionRoles, properties: EmulatedProperties, name: str) -> None:
    # CloudFormation has checked that Step Functions may assume the role.
    role_arn = properties["RoleArn"]
    role = roles(role_arn, source_arn=f"arn:aws:states:::stateMachine:{name}")
    if message := managed_event_rules.refusal(role, role_arn, _sfn_definition(properties)):
        raise StateMachineTypeError(
            f'Resource handler returned message: "{message} (Service: AWSStepFunctions; Status Code: 400; '
            'Error Code: AccessDeniedException)" (HandlerErrorCode: AccessDenied)'
        )
    if (properties.get("LoggingConfiguration") or {}).get("Level", "OFF") == "OFF":
        return
    for action in _LOG_DELIVERY:
        if role.refusal(action, "*"):
            raise StateMachineTypeError(
                "The state machine IAM Role is not authorized to access the Log Destination"
            )
