"""Managed rules: Step Functions makes one of EventBridge for each kind of job that a state machine waits for.

It makes the rule with the role of the state machine when the state machine is created or updated, and refuses
a role that may not, in these words: https://github.com/nasa/cumulus/pull/2693

https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

from local.arns import rule_arn
from local.emulator.assumed_roles import AssumedRole, ExecutionRoles
from local.sagemaker.execution_role import RoleError

_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")
_RULES = {
    "sagemaker:createTrainingJob.sync": "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    "sagemaker:createTransformJob.sync": "StepFunctionsGetEventsForSageMakerTransformJobsRule",
    "states:startExecution.sync": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
}


def install(roles: ExecutionRoles) -> None:
    """Adds the check to MiniStack's CreateStateMachine and UpdateStateMachine.

    Args:
        roles: Assumes roles as Step Functions.
    """
    for name in ("_create_state_machine", "_update_state_machine"):
        setattr(stepfunctions, name, _checked(getattr(stepfunctions, name), roles))


def refusal(role: AssumedRole, role_arn: str, definition: str) -> str:
    """Returns AWS's message when a role may not make the rules of a definition, or ""."""
    for task in _resources(json.loads(definition)):
        name = next((rule for part, rule in _RULES.items() if part in task), "")
        if name and any(role.refusal(action, rule_arn(name)) for action in _ACTIONS):
            return f"'{role_arn}' is not authorized to create managed-rule."
    return ""


def _checked(change: Callable[..., Any], roles: ExecutionRoles) -> Callable[..., Any]:
    def change_if_permitted(request: Mapping[str, Any]) -> Any:
        known = stepfunctions._state_machines.get(request.get("stateMachineArn", "")) or {}
        role_arn = request.get("roleArn") or known.get("roleArn", "")
        try:
            role = roles(role_arn, source_arn="arn:aws:states:::stateMachine:*")
            message = refusal(role, role_arn, request.get("definition") or known.get("definition", "{}"))
        except (RoleError, ValueError):
            # MiniStack answers that the definition is no JSON; an execution, that the role cannot be assumed.
            message = ""
        return error_response_json("AccessDeniedException", message, 400) if message else change(request)

    return change_if_permitted


def _resources(node: Any) -> Iterator[str]:
    """Yields the resource of each task of a definition, also of those in branches and maps."""
    if isinstance(node, Mapping):
        if isinstance(node.get("Resource"), str):
            yield node["Resource"]
        for value in node.values():
            yield from _resources(value)
    elif isinstance(node, list):
        for value in node:
            yield from _resources(value)
