"""Why there is no proof, each with a sentence for whoever typed the command."""


class SmokeError(Exception):
    """The base of the family: its message is all the user sees."""


class NotFoundError(SmokeError):
    """There is nothing to prove: no bundle, no stack, or a stack without the outputs of ours."""


class UnprovenError(SmokeError):
    """A check does not hold; the message says what was found and what should have been."""
