"""Error of a measurement."""


class BenchmarkError(Exception):
    """A contender failed or gave a wrong response; the message is one sentence."""
