"""Operation types of the SageMaker API, and validation of parameters by botocore's API model."""

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from local.sagemaker.errors import invalid

OperationParameters = Mapping[str, Any]
OperationResult = dict[str, Any]
Operation = Callable[[OperationParameters], OperationResult]


def check_parameters(operation: str, parameters: OperationParameters) -> None:
    """Checks the parameters of a call: required members, types, ranges, and the patterns of names.

    Args:
        operation: An operation of the API, such as CreateModel.
        parameters: Its parameters.

    Raises:
        SageMakerError: A parameter is invalid; the message names it.
    """
    shape = _service_model().operation_model(operation).input_shape
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise invalid(f"1 validation error detected: {report.generate_report()}")
    for name, value in parameters.items():
        pattern = shape.members[name].metadata.get("pattern")
        if name.endswith("Name") and pattern and not re.fullmatch(pattern, value):
            raise invalid(
                f"1 validation error detected: Value '{value}' at '{name[0].lower()}{name[1:]}' failed to "
                f"satisfy constraint: Member must satisfy regular expression pattern: {pattern}"
            )


def parameter_names(operation: str) -> frozenset[str]:
    """Returns the names of all parameters of an operation."""
    return frozenset(_service_model().operation_model(operation).input_shape.members)


@functools.cache
def _service_model() -> Any:
    return botocore.session.Session().get_service_model("sagemaker")
