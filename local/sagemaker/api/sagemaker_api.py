"""Dispatcher of the SageMaker API: JSON 1.1 requests to operations.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations_Amazon_SageMaker_Service.html
"""

from collections.abc import Mapping

from local.json_protocol import parse_body
from local.sagemaker.api.operation import (
    Operation,
    OperationParameters,
    OperationResult,
    check_parameters,
)
from local.sagemaker.errors import SageMakerError
from local.sagemaker.sagemaker_response import SageMakerResponse, error_response, result_response


class SageMakerApi:
    """The API.

    Args:
        operations: The operations by name, such as CreateModel.
    """

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations

    def respond(self, operation: str, body: bytes) -> SageMakerResponse:
        """Responds to an HTTP request in AWS's JSON 1.1 protocol, with SageMaker's own errors."""
        try:
            return result_response(self.call(operation, parse_body(body, error=SageMakerError)))
        except SageMakerError as error:
            return error_response(error)

    def call(self, operation: str, parameters: OperationParameters) -> OperationResult:
        """Executes an operation.

        Args:
            operation: The operation's name.
            parameters: Its parameters, named as in the API reference.

        Raises:
            SageMakerError: SageMaker's error response.
        """
        if operation not in self._operations:
            raise SageMakerError(
                "UnknownOperationException", f"AWS on this machine has no SageMaker {operation}."
            )
        check_parameters(operation, parameters)
        return self._operations[operation](parameters)
