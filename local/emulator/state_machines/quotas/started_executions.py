"""StartExecution: the names and inputs that Step Functions refuses, and a request that is repeated.

https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions

from local.emulator.state_machines.quotas.payload_limit import MOST_PAYLOAD_BYTES

_LONGEST_NAME = 80
_FORBIDDEN = re.compile(r'[\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]')

_Request = Mapping[str, Any]


def install() -> None:
    """Adds the rules to MiniStack's StartExecution."""
    stepfunctions._start_execution = _checked(stepfunctions._start_execution)


def _checked(start: Callable[[_Request], Any]) -> Callable[[_Request], Any]:
    def start_if_valid(request: _Request) -> Any:
        if refusal := _refusal(request):
            return error_response_json(*refusal, 400)
        if repeated := _running(request):
            # A standard state machine is idempotent: the same name and input start nothing twice.
            found = {name: repeated[name] for name in ("executionArn", "startDate")}
            return json_response(found)
        return start(request)

    return start_if_valid


def _refusal(request: _Request) -> tuple[str, str] | None:
    name, given = request.get("name"), request.get("input", "{}")
    if name is not None and not 1 <= len(name) <= _LONGEST_NAME:
        bound = f"less than or equal to {_LONGEST_NAME}" if name else "greater than or equal to 1"
        return "ValidationException", _constraint("name", f"have length {bound}")
    if name is not None and _FORBIDDEN.search(name):
        return "InvalidName", f"Invalid Name: '{name}'"
    if len(given) > MOST_PAYLOAD_BYTES:
        return "ValidationException", _constraint(
            "input", f"have length less than or equal to {MOST_PAYLOAD_BYTES}"
        )
    try:
        json.loads(given)
    except ValueError as error:
        return "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'"
    return None


def _constraint(member: str, rule: str) -> str:
    return (
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must {rule}"
    )


def _running(request: _Request) -> Any:
    """Returns the execution in progress that has the name and the input of a request; None without any."""
    arn = stepfunctions._resolve_state_machine_arn(request.get("stateMachineArn", ""))
    for execution in tuple(stepfunctions._executions.values()) if request.get("name") else ():
        if (
            execution["name"] == request["name"]
            and execution["stateMachineArn"] == arn
            and execution["status"] == "RUNNING"
            and execution["input"] == request.get("input", "{}")
        ):
            return execution
    return None
