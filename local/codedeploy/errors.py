"""Error responses of CodeDeploy."""

from local.json_protocol import ServiceError


class CodeDeployError(ServiceError):
    """An error response, such as ApplicationDoesNotExistException."""
