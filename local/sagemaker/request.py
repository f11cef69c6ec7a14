"""Requests of the SageMaker API, held against botocore's own model of it."""

import functools
import re
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from local.sagemaker.errors import invalid


def check(operation: str, parameters: Mapping[str, Any]) -> None:
    """Check the parameters of a call: what is required, types, ranges, and the patterns of names.

    Args:
        operation: An operation of the API, as CreateModel.
        parameters: Its parameters.

    Raises:
        SageMakerError: They do not fit; the message says where.
    """
    shape = _service().operation_model(operation).input_shape
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


def members(operation: str) -> frozenset[str]:
    """The names of all parameters of an operation."""
    return frozenset(_service().operation_model(operation).input_shape.members)


@functools.cache
def _service() -> Any:
    return botocore.session.Session().get_service_model("sagemaker")
