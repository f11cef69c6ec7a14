"""Execution role for SageMaker in the process of the test, where no IAM decides."""

from typing import Any

from local.aws import LocalAws


class PermittedRole:
    """A role that may do everything; it has no client."""

    def client(self, _service: str, /) -> Any:
        """Returns nothing: the download of the test needs no client."""

    def refusal(self, _action: str, _resource: str, /) -> str:
        """Refuses nothing."""
        return ""


class CallersRole(PermittedRole):
    """A role whose clients have the permissions of this AWS's user.

    Args:
        aws: The AWS that they call.
    """

    def __init__(self, aws: LocalAws) -> None:
        self.client = aws.client  # type: ignore[method-assign]


def assume_permitted_role(_role_arn: str, /, *, source_arn: str) -> PermittedRole:  # noqa: ARG001 - the signature
    """Returns the role, whatever its ARN."""
    return PermittedRole()
