"""Benchmarks of the overview: their commands, and how long they take."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Benchmark(NamedTuple):
    """A benchmark that measures beside its rivals.

    Attributes:
        title: What it measures.
        module: Module of its command.
        arguments: Arguments that fit it into the overview's twenty minutes.
    """

    title: str
    module: str
    arguments: Sequence[str] = ()

    def command(self, verdicts: Path) -> list[str]:
        """Returns its command line, with the file that it writes verdicts to."""
        return [sys.executable, "-m", self.module, *self.arguments, "--verdicts", str(verdicts)]


BENCHMARKS = (
    Benchmark("serving", "benchmarks", ("--rounds", "3", "--seconds", "2")),
    Benchmark("steps", "benchmarks.steps", ("--rounds", "3")),
    Benchmark("function", "benchmarks.function", ("--rounds", "5")),
    Benchmark("invoker", "benchmarks.invoker", ("--rounds", "5")),
    Benchmark("local_request_path", "benchmarks.local_request_path"),
    Benchmark("training", "benchmarks.training"),
    Benchmark("scoring", "benchmarks.scoring"),
)
