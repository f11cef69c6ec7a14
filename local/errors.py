"""What can go wrong on this machine, each with a sentence for whoever typed the command."""


class LocalError(Exception):
    """The base of the family: its message is all the user sees."""


class PortTakenError(LocalError):
    """Another program listens on the port."""


class StartError(LocalError):
    """AWS on this machine did not come up."""


class NotUpError(LocalError):
    """A command needs AWS on this machine and it is not up."""


class CdkError(LocalError):
    """The CDK CLI is missing or ended with an error."""


class NothingDeployedError(LocalError):
    """There is no deployed stack that answers predictions."""


class PredictionError(LocalError):
    """The invoke URL answered with an error, or not at all."""
