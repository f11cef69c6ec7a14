"""AWS's JSON 1.1 protocol: bodies of requests, parameters by botocore's models, and errors of an API.

https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

Parameters = Mapping[str, Any]
Result = dict[str, Any]


class ServiceError(Exception):
    """An error response.

    Attributes:
        code: The error code, such as ValidationException.
        message: Its message.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def parse_body(body: bytes, *, error: Callable[[str, str], Exception] = ServiceError) -> Parameters:
    """Returns the parameters of a request.

    Args:
        body: The body.
        error: Makes the exception from code and message.

    Raises:
        Exception: That of `error`: the body is not a JSON object.
    """
    try:
        parameters = json.loads(body or b"{}")
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise error("SerializationException", "The body of the request is not a JSON object.")
    return parameters


def invalid_parameters(service: str, operation: str, parameters: Parameters) -> str:
    """Returns botocore's report of wrong parameters, "" for right ones.

    Args:
        service: botocore's name of the service.
        operation: The operation.
        parameters: Its parameters.
    """
    report = ParamValidator().validate(parameters, input_shape(service, operation))
    return str(report.generate_report())


def input_shape(service: str, operation: str) -> Any:
    """Returns botocore's shape of the parameters of an operation."""
    return _service_model(service).operation_model(operation).input_shape


@functools.cache
def _service_model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)
