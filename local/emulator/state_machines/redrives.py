"""RedriveExecution: an execution that failed, timed out or was stopped goes on from the state that it was in.

Variables that JSONata has assigned are lost.

https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
"""

import contextvars
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json, json_response, now_iso
from ministack.services import stepfunctions

_OPERATION = "AWSStepFunctions.RedriveExecution"
_ENTERED = "stateEnteredEventDetails"
_REDRIVABLE = ("FAILED", "ABORTED", "TIMED_OUT")
_WITH_EXECUTION = ("Task", "Parallel", "Map")
# Member of an execution: the definition that it started with, which a redrive uses too.
_DEFINITION = "_definition"

Answer = Any


def install() -> None:
    """Adds the operation to MiniStack; before the role and the interruptions of executions."""
    stepfunctions.handle_request = _with_redrives(stepfunctions.handle_request)
    stepfunctions._describe_execution = _with_status(stepfunctions._describe_execution)
    stepfunctions._run_execution = _or_resume(stepfunctions._run_execution)


def _with_redrives(handle: Callable[..., Awaitable[Answer]]) -> Callable[..., Awaitable[Answer]]:
    async def handle_or_redrive(
        method: str, path: str, headers: Mapping[str, str], body: bytes, *rest: Any
    ) -> Answer:
        if headers.get("x-amz-target") != _OPERATION:
            return await handle(method, path, headers, body, *rest)
        return stepfunctions._finalize_response(_redrive(json.loads(body)))

    return handle_or_redrive


def _redrive(request: Mapping[str, Any]) -> Answer:
    arn = request.get("executionArn")
    execution = stepfunctions._executions.get(arn)
    if execution is None:
        return error_response_json("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", 400)
    status, reason = _redrive_status(execution)
    if status != "REDRIVABLE":
        return error_response_json("ExecutionNotRedrivable", reason, 400)
    date, count = now_iso(), execution.get("redriveCount", 0) + 1
    execution.update(
        status="RUNNING",
        stopDate=None,
        output=None,
        error=None,
        cause=None,
        redriveCount=count,
        redriveDate=date,
    )
    stepfunctions._add_event(
        execution, "ExecutionRedriven", {"executionRedrivenEventDetails": {"redriveCount": count}}
    )
    stepfunctions._emit_execution_status_event(execution)
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(stepfunctions._run_execution, arn), daemon=True).start()
    return json_response({"redriveDate": date})


def _redrive_status(execution: Mapping[str, Any]) -> tuple[str, str]:
    """Returns redriveStatus and redriveStatusReason."""
    status = execution["status"]
    if status in _REDRIVABLE:
        return "REDRIVABLE", ""
    return "NOT_REDRIVABLE", f"Execution is {status} and cannot be redriven"


def _with_status(describe: Callable[[Mapping[str, Any]], Answer]) -> Callable[[Mapping[str, Any]], Answer]:
    def describe_with_status(request: Mapping[str, Any]) -> Answer:
        code, headers, body = describe(request)
        if code != 200:
            return code, headers, body
        execution = stepfunctions._executions[request["executionArn"]]
        status, reason = _redrive_status(execution)
        more = {"redriveCount": execution.get("redriveCount", 0), "redriveStatus": status}
        more |= {"redriveDate": execution["redriveDate"]} if more["redriveCount"] else {}
        more |= {"redriveStatusReason": reason} if reason else {}
        return json_response({**json.loads(body), **more})

    return describe_with_status


def _or_resume(run: Callable[[str], None]) -> Callable[[str], None]:
    def run_or_resume(arn: str) -> None:
        execution = stepfunctions._executions[arn]
        if machine := stepfunctions._state_machines.get(execution["stateMachineArn"]):
            execution.setdefault(_DEFINITION, machine["definition"])
        if not (execution.get("redriveCount") and machine):
            run(arn)
            return
        first = {"name": json.loads(execution[_DEFINITION])["StartAt"], "input": execution["input"]}
        entered = [first, *(event[_ENTERED] for event in execution["events"] if _ENTERED in event)]
        try:
            output = _resume(execution, entered[-1]["name"], json.loads(entered[-1]["input"]))
        except stepfunctions._ExecutionError as error:
            stepfunctions._fail_execution(execution, error.error, error.cause)
            return
        if execution["status"] == "RUNNING":
            execution.update(status="SUCCEEDED", output=json.dumps(output), stopDate=now_iso())
            details = {"executionSucceededEventDetails": {"output": execution["output"]}}
            stepfunctions._add_event(execution, "ExecutionSucceeded", details)
            stepfunctions._emit_execution_status_event(execution)

    return run_or_resume


def _resume(execution: Mapping[str, Any], name: str | None, data: Any) -> Any:
    """Runs the states from one on; returns the output of the last.

    Raises:
        stepfunctions._ExecutionError: A state fails.
    """
    machine = stepfunctions._state_machines[execution["stateMachineArn"]]
    definition = json.loads(execution[_DEFINITION])
    context = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "StartTime": execution["startDate"],
            "RedriveCount": execution["redriveCount"],
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }
    while name and execution["status"] == "RUNNING":
        state = definition["States"][name]
        context["State"] = {"Name": name, "EnteredTime": now_iso(), "RetryCount": 0}
        kind, details = state["Type"], {"name": name, "input": json.dumps(data)}
        stepfunctions._add_event(execution, f"{kind}StateEntered", {_ENTERED: details})
        data, following = _run_state(state, data, execution, context)
        details = {"name": name, "output": json.dumps(data)}
        stepfunctions._add_event(execution, f"{kind}StateExited", {"stateExitedEventDetails": details})
        name = following
    return data


def _run_state(
    state: Mapping[str, Any], data: Any, execution: Mapping[str, Any], context: Any
) -> tuple[Any, str | None]:
    kind = state["Type"]
    if kind == "Fail":
        raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, data, context))
    if kind == "Succeed":
        given = stepfunctions._apply_input_path(state, data, context)
        return stepfunctions._apply_output_path(state, given, context), None
    execute = getattr(stepfunctions, f"_execute_{kind.lower()}")
    arguments = (state, data, execution, context) if kind in _WITH_EXECUTION else (state, data, context)
    output, following = execute(*arguments)
    return output, following
