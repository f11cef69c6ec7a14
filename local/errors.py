"""Errors of the commands; each message is a sentence for the user, without a traceback."""


class LocalError(Exception):
    """Base class; the command prints the message and exits with 1."""


class PortTakenError(LocalError):
    """Another program listens on the port."""


class StartError(LocalError):
    """The emulator ended at its start or did not answer in time."""


class NotUpError(LocalError):
    """The command needs a running emulator."""


class CdkError(LocalError):
    """The CDK CLI is not installed or exited with an error."""


class NothingDeployedError(LocalError):
    """No prediction service is deployed, or it has no example row."""


class PredictionError(LocalError):
    """The invoke URL answered with an error, or not at all."""
