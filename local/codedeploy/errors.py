"""Error responses of CodeDeploy."""


class CodeDeployError(Exception):
    """An error response.

    Attributes:
        code: CodeDeploy's error code, such as ApplicationDoesNotExistException.
        message: Its message.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
