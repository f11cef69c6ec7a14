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


class ContainerLateError(Exception):
    """A container did not answer in time."""


class ContainerLostError(Exception):
    """A container did not answer to the end; the message says how it broke off."""


class LoadError(Exception):
    """A container answers that it cannot load a model: with which status, and in which words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def invalid(message: str) -> SageMakerError:
    """What the SageMaker API answers to a request it cannot follow."""
    return SageMakerError("ValidationException", message)
