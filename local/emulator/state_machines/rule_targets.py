"""Rules of EventBridge start executions with the role of their target.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html#eb-target-permissions
"""

import contextvars
import logging
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import eventbridge

from local.emulator.assumed_roles import ExecutionRoles
from local.sagemaker.execution_role import RoleError

logger = logging.getLogger(__name__)

_START = "states:StartExecution"
_NO_TARGET: Mapping[str, Any] = {}

# The target that is being invoked in this context.
_current: contextvars.ContextVar[Mapping[str, Any]] = contextvars.ContextVar("target", default=_NO_TARGET)


def install(roles: ExecutionRoles) -> None:
    """Puts the decision around MiniStack's call of StartExecution.

    Args:
        roles: Assumes roles as EventBridge.
    """
    invoke, dispatch = eventbridge._invoke_target, eventbridge._dispatch_to_stepfunctions

    def invoke_target(target: Mapping[str, Any], *rest: Any, **more: Any) -> Any:
        token = _current.set(target)
        try:
            return invoke(target, *rest, **more)
        finally:
            _current.reset(token)

    eventbridge._invoke_target = invoke_target
    eventbridge._dispatch_to_stepfunctions = _if_permitted(dispatch, roles)


def _if_permitted(start: Callable[[str, str], None], roles: ExecutionRoles) -> Callable[[str, str], None]:
    def start_if_permitted(state_machine: str, payload: str) -> None:
        try:
            role = roles(str(_current.get().get("RoleArn", "")), source_arn="arn:aws:events:::rule/*")
            reason = role.refusal(_START, state_machine)
        except RoleError as error:
            reason = str(error)
        if reason:
            # AWS counts it in FailedInvocations.
            logger.warning("A rule does not start %s: %s", state_machine, reason)
            return
        start(state_machine, payload)

    return start_if_permitted
