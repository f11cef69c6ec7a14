"""Operation types of the SageMaker API, and validation of parameters by botocore's API model."""

import re
from collections.abc import Callable

from local.json_protocol import Parameters as OperationParameters
from local.json_protocol import Result as OperationResult
from local.json_protocol import input_shape, invalid_parameters
from local.sagemaker.errors import invalid

__all__ = ["Operation", "OperationParameters", "OperationResult", "check_parameters", "parameter_names"]

_SERVICE = "sagemaker"

Operation = Callable[[OperationParameters], OperationResult]


def check_parameters(operation: str, parameters: OperationParameters) -> None:
    """Checks the parameters of a call: required members, types, ranges, and the patterns of names.

    Args:
        operation: An operation of the API, such as CreateModel.
        parameters: Its parameters.

    Raises:
        SageMakerError: A parameter is invalid; the message names it.
    """
    if wrong := invalid_parameters(_SERVICE, operation, parameters):
        raise invalid(f"1 validation error detected: {wrong}")
    shape = input_shape(_SERVICE, operation)
    for name, value in parameters.items():
        pattern = shape.members[name].metadata.get("pattern")
        if name.endswith("Name") and pattern and not re.fullmatch(pattern, value):
            raise invalid(
                f"1 validation error detected: Value '{value}' at '{name[0].lower()}{name[1:]}' failed to "
                f"satisfy constraint: Member must satisfy regular expression pattern: {pattern}"
            )


def parameter_names(operation: str) -> frozenset[str]:
    """Returns the names of all parameters of an operation."""
    return frozenset(input_shape(_SERVICE, operation).members)
