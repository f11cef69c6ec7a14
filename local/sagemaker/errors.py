"""Error responses of SageMaker."""

from collections.abc import Mapping
from typing import Any


class SageMakerError(Exception):
    """An error response.

    Attributes:
        code: SageMaker's error code, such as ValidationException.
        message: SageMaker's message.
        status: The HTTP status.
        details: Further members of the response's body.
    """

    def __init__(
        self, code: str, message: str, *, status: int = 400, details: Mapping[str, Any] | None = None
    ):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = details or {}


class InProgressError(SageMakerError):
    """The refusal to change an endpoint during another change."""

    def __init__(self, arn: str) -> None:
        super().__init__("ValidationException", f'Cannot update in-progress endpoint "{arn}".')


def invalid(message: str) -> SageMakerError:
    """Creates the ValidationException of the SageMaker API."""
    return SageMakerError("ValidationException", message)
