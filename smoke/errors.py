"""Errors of the smoke test; each message is a sentence for the user, without a traceback."""


class SmokeError(Exception):
    """Base class; the command prints the message and exits with 1."""


class NotFoundError(SmokeError):
    """There is nothing to check: no bundle, no stack, or a stack that is not a prediction service."""


class CheckFailedError(SmokeError):
    """A check failed; the message says what was found and what was expected."""


class EarlierRollbackError(CheckFailedError):
    """An update was rolled back, and since then the stack has the configuration that serves."""
