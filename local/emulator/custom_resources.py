"""Custom resources: a function that crashes fails its resource at once, with the end of its log.

On AWS the resource stays in progress until its ServiceTimeout, because only the function itself may respond:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes.html
MiniStack waits as long. A function here runs in one attempt, so nobody responds after its crash.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

FunctionRecord = dict[str, Any]
_Run = Callable[[FunctionRecord, Any], dict[str, Any]]

_LOG_LINES = 10
_MAX_REASON = 2000


def install() -> None:
    """Wraps MiniStack's invocation of functions; it changes that of custom resources only."""
    run: _Run = lambda_svc._execute_function_with_config_scope

    def run_and_report(function: FunctionRecord, event: Any) -> dict[str, Any]:
        result = run(function, event)
        if _is_custom_resource(event) and (reason := crash_of(function, result)):
            _fail(event["ResponseURL"].rpartition("/")[2], reason)
        return result

    lambda_svc._execute_function_with_config_scope = run_and_report


def crash_of(function: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    """Returns the reason of a function's crash with the end of its log; "" when it did not crash.

    Args:
        function: MiniStack's record of the function.
        result: MiniStack's result of the invocation.
    """
    if not result.get("error") and not result.get("throttle"):
        return ""
    body = result.get("body")
    message = body.get("errorMessage") if isinstance(body, Mapping) else None
    name = function.get("config", function).get("FunctionName", "")
    log = "\n".join((result.get("log") or "").strip().splitlines()[-_LOG_LINES:])
    parts = [f"Function {name} of the custom resource crashed: {message or json.dumps(body)}"]
    return "\n".join([*parts, *([f"The end of its log:\n{log}"] if log else [])])[:_MAX_REASON]


def _fail(token: str, reason: str) -> None:
    """Responds in the function's place, unless it has responded before its crash."""
    if (custom_resource._pending.get(token) or {}).get("result") is None:
        custom_resource.deliver_response(token, {"Status": "FAILED", "Reason": reason})


def _is_custom_resource(event: Any) -> bool:
    return isinstance(event, dict) and "ResponseURL" in event and "RequestType" in event
