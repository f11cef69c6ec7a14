"""Checks of a function's configuration: what CreateFunction and UpdateFunctionConfiguration refuse."""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import botocore.session

from local.emulator.functions.quotas import (
    MAX_ENVIRONMENT_BYTES,
    MAX_LAYERS,
    MAX_MEMORY_MB,
    MAX_NAME_LENGTH,
    MAX_STORAGE_MB,
    MAX_TIMEOUT_SECONDS,
)

# Lower than in the API model, which has the largest of all kinds of functions.
_MAXIMUM = {
    "functionName": MAX_NAME_LENGTH,
    "timeout": MAX_TIMEOUT_SECONDS,
    "memorySize": MAX_MEMORY_MB,
    "ephemeralStorage.size": MAX_STORAGE_MB,
}
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
_RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
)
_UNABLE = (
    "Lambda was unable to configure your environment variables because the environment variables you have "
    "provided "
)
_INVALID_PARAMETER = "InvalidParameterValueException"


class FunctionRefusal(NamedTuple):
    """A refusal of the Lambda API.

    Attributes:
        code: Code of the error.
        message: Lambda's message.
    """

    code: str
    message: str


def check_function(parameters: Mapping[str, Any]) -> FunctionRefusal | None:
    """Checks a function's configuration; None when Lambda accepts it.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html

    Args:
        parameters: Parameters of CreateFunction or UpdateFunctionConfiguration.
    """
    if violations := list(_violations(parameters)):
        noun = "error" if len(violations) == 1 else "errors"
        message = f"{len(violations)} validation {noun} detected: {'; '.join(violations)}"
        return FunctionRefusal("ValidationException", message)
    if len(parameters.get("Layers") or ()) > MAX_LAYERS:
        return FunctionRefusal(_INVALID_PARAMETER, f"Cannot reference more than {MAX_LAYERS} layers.")
    return _check_variables((parameters.get("Environment") or {}).get("Variables") or {})


def _check_variables(variables: Mapping[str, Any]) -> FunctionRefusal | None:
    if reserved := sorted(_RESERVED & variables.keys()):
        message = (
            f"{_UNABLE}contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
        return FunctionRefusal(_INVALID_PARAMETER, message)
    measured = json.dumps(variables, ensure_ascii=False, separators=(",", ":"))
    if len(measured.encode()) > MAX_ENVIRONMENT_BYTES:
        message = f"{_UNABLE}exceeded the 4KB limit. String measured: {measured}"
        return FunctionRefusal(_INVALID_PARAMETER, message)
    return None


def _violations(parameters: Mapping[str, Any]) -> Iterator[str]:
    members = _api_members()
    for name, value in parameters.items():
        if name in members:
            yield from _violations_of(f"{name[0].lower()}{name[1:]}", value, members[name])
    size = (parameters.get("EphemeralStorage") or {}).get("Size")
    if size is not None:
        yield from _violations_of(
            "ephemeralStorage.size", size, _api_members()["EphemeralStorage"].members["Size"]
        )
    variables = (parameters.get("Environment") or {}).get("Variables") or {}
    pattern = members["Environment"].members["Variables"].key.metadata["pattern"]
    if any(not re.fullmatch(pattern, name) for name in variables):
        yield _violation(
            "environment.variables",
            list(variables),
            f"Map keys must satisfy constraint: [{_pattern(pattern)}]",
        )


def _violations_of(path: str, value: Any, shape: Any) -> Iterator[str]:
    if shape.type_name == "string" and isinstance(value, str):
        yield from _text_violations(path, value, shape.metadata)
    elif shape.type_name == "integer":
        yield from _range_violations(path, int(value), int(value), "value", shape.metadata)


def _text_violations(path: str, text: str, limits: Mapping[str, Any]) -> Iterator[str]:
    yield from _range_violations(path, text, len(text), "length", limits)
    if "pattern" in limits and not re.fullmatch(limits["pattern"], text):
        yield _violation(path, text, _pattern(limits["pattern"]))
    if "enum" in limits and text not in limits["enum"]:
        values = ", ".join(limits["enum"])
        yield _violation(path, text, f"Member must satisfy enum value set: [{values}]")


def _range_violations(
    path: str, value: object, size: int, noun: str, limits: Mapping[str, Any]
) -> Iterator[str]:
    largest = _MAXIMUM.get(path, limits.get("max"))
    if size < limits.get("min", 0):
        yield _violation(path, value, f"Member must have {noun} greater than or equal to {limits['min']}")
    if largest is not None and size > largest:
        yield _violation(path, value, f"Member must have {noun} less than or equal to {largest}")


def _pattern(pattern: str) -> str:
    return f"Member must satisfy regular expression pattern: {pattern}"


def _violation(path: str, value: object, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


@functools.cache
def _api_members() -> Mapping[str, Any]:
    model = botocore.session.Session().get_service_model("lambda")
    members: Mapping[str, Any] = model.operation_model("CreateFunction").input_shape.members
    return members
