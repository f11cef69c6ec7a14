"""A Lambda function that holds the model, held against its template."""

import re
from collections.abc import Mapping
from typing import Any

from smoke.errors import UnprovenError


def check_function(functions: Any, *, name: str, template: Mapping[str, Any]) -> str:
    """The function's last update went through, and its environment is the template's.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html

    Args:
        functions: A boto3 client of Lambda.
        name: The function's name.
        template: The function's resource in the stack's template.

    Returns:
        What was found.

    Raises:
        UnprovenError: It is not so.
    """
    live = functions.get_function_configuration(FunctionName=name)
    state, update = live.get("State"), live.get("LastUpdateStatus")
    if (state, update) != ("Active", "Successful"):
        reason = live.get("LastUpdateStatusReason") or live.get("StateReason") or "it gives no reason"
        raise UnprovenError(f"function {name} is {state}, its last update {update}: {reason}")
    asked, has = _variables(template["Properties"]), _variables(live)
    wrong = [key for key in sorted(asked.keys() | has.keys()) if not _is(asked.get(key), has.get(key))]
    if wrong:
        raise UnprovenError(f"function {name} has not the template's environment: {', '.join(wrong)} differ")
    return f"function {name} is Active, its last update Successful, its environment the template's"


def is_following(template: Mapping[str, Any]) -> bool:
    """Whether a function reads its bundle again when that changes.

    Args:
        template: The function's resource in the stack's template.
    """
    return "RELOAD_SECONDS" in _variables(template["Properties"])


def _variables(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    variables: Mapping[str, Any] = configuration.get("Environment", {}).get("Variables", {})
    return variables


def _is(asked: Any, has: str | None) -> bool:
    return asked is not None and has is not None and bool(re.fullmatch(_pattern(asked), has, re.DOTALL))


def _pattern(value: Any) -> str:
    """A template's value as a regular expression: what only CloudFormation knows may be anything."""
    match value:
        case str():
            return re.escape(value)
        case {"Fn::Join": [separator, parts]}:
            return str(re.escape(separator)).join(_pattern(part) for part in parts)
    return ".+"
