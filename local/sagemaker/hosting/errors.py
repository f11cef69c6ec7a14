"""Errors of serving processes and model archives."""


class ModelArchiveError(Exception):
    """The model archive cannot be downloaded or unpacked."""


class ContainerError(Exception):
    """The serving process did not start; the message has its last log lines."""


class ContainerDownError(Exception):
    """The serving process does not listen: it crashed and is being restarted, or it is stopped."""


class ContainerTimeoutError(Exception):
    """The serving process did not respond in time."""


class ContainerConnectionError(Exception):
    """The serving process closed the connection before the end of its response."""


class ModelLoadError(Exception):
    """The serving process refused to load a model.

    Attributes:
        status: The HTTP status of its response.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
