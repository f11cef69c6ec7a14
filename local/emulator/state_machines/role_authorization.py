"""Calls of an execution, which the role of its state machine decides.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

import contextvars
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import stepfunctions

from local.arns import function_arn
from local.emulator.assumed_roles import AssumedRole, ExecutionRoles
from local.sagemaker.execution_role import RoleError

_INVOKE = "lambda:InvokeFunction"
_LIST = "s3:ListBucket"

# The role of the execution that runs in this context; threads of a Map run in copies of it.
_current: contextvars.ContextVar[AssumedRole | None] = contextvars.ContextVar("role", default=None)


def current_role() -> AssumedRole:
    """Returns the role of the execution in progress.

    Raises:
        LookupError: No execution is in progress.
    """
    role = _current.get()
    if role is None:
        raise LookupError
    return role


def require(action: str, resource: str, *, error: str) -> None:
    """Checks that the role of the execution in progress may do an action.

    Args:
        action: The action.
        resource: Its resource.
        error: Name of the error of the state that may not.

    Raises:
        stepfunctions._ExecutionError: It may not; the cause is AWS's message.
    """
    if message := current_role().refusal(action, resource):
        raise stepfunctions._ExecutionError(error, message)


def install(roles: ExecutionRoles) -> None:
    """Puts the decisions around MiniStack's calls.

    Args:
        roles: Assumes roles as Step Functions.
    """
    stepfunctions._run_execution = _with_role(stepfunctions._run_execution, roles)
    stepfunctions._call_lambda = _if_permitted(stepfunctions._call_lambda)
    stepfunctions._read_map_items = _if_listed(stepfunctions._read_map_items)
    stepfunctions._invoke_nested_start_execution_sync = _if_startable(
        stepfunctions._invoke_nested_start_execution_sync
    )


def _with_role(run: Callable[[str], None], roles: ExecutionRoles) -> Callable[[str], None]:
    def run_as_role(execution_arn: str) -> None:
        execution = stepfunctions._executions[execution_arn]
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
        role = None
        if machine is not None:
            try:
                role = roles(machine["roleArn"], source_arn=machine["stateMachineArn"])
            except RoleError as error:
                stepfunctions._fail_execution(execution, "States.Runtime", str(error))
                return
        token = _current.set(role)
        try:
            run(execution_arn)
        finally:
            # An execution that waits for another one goes on with its own role.
            _current.reset(token)

    return run_as_role


def _if_permitted(call: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def call_if_permitted(function: str, event: Any) -> Any:
        arn = function if function.startswith("arn:") else function_arn(function)
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
        require(_INVOKE, arn, error="Lambda.AWSLambdaException")
        return call(function, event)

    return call_if_permitted


def _if_listed(read: Callable[..., Any]) -> Callable[..., Any]:
    def read_if_permitted(reader: Mapping[str, Any], effective: Any, context: Any) -> Any:
        named = stepfunctions._resolve_params_obj(reader.get("Parameters") or {}, effective, context)
        bucket = f"arn:aws:s3:::{named.get('Bucket')}"
        # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
        if str(reader.get("Resource")).endswith("listObjectsV2"):
            require(_LIST, bucket, error="States.ItemReaderFailed")
        else:
            require("s3:GetObject", f"{bucket}/{named.get('Key')}", error="States.ItemReaderFailed")
        return read(reader, effective, context)

    return read_if_permitted


def _if_startable(start: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def start_if_permitted(resource: str, parameters: Mapping[str, Any]) -> Any:
        # https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
        require(
            "states:StartExecution",
            str(parameters.get("StateMachineArn", "*")),
            error="StepFunctions.AWSStepFunctionsException",
        )
        return start(resource, parameters)

    return start_if_permitted
