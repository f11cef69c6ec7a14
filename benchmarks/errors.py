"""What can go wrong in a measurement."""


class BenchmarkError(Exception):
    """A contender did not do what it is measured for; the message is a sentence."""
