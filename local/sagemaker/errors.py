"""What SageMaker answers when it refuses, and what keeps an endpoint from its service."""

from collections.abc import Mapping
from typing import Any


class SageMakerError(Exception):
    """An answer of SageMaker's own: its code, its HTTP status, its message, and what else it tells."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, details: Mapping[str, Any] | None = None
    ):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.details = details or {}


class ModelDataError(Exception):
    """The model archive of an endpoint cannot be had or unpacked."""


class ContainerError(Exception):
    """The serving process of an endpoint did not start; the message holds its last log lines."""


class ContainerDownError(Exception):
    """The serving process of an endpoint is not there to be asked just now."""


def invalid(message: str) -> SageMakerError:
    """What the SageMaker API answers to a request it cannot follow."""
    return SageMakerError("ValidationException", message)
