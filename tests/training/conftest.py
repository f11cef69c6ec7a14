"""Fixtures of the training tests: the sample, read once per worker, and the command."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from training.__main__ import main
from training.data.data_options import DataOptions
from training.data.dataset import Dataset
from training.models.flight_delay import MODEL

STRIDE = 40


@dataclass(frozen=True)
class Finished:
    """A finished command: exit code, standard output and standard error."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Finished]


@pytest.fixture(scope="session")
def flights() -> Dataset:
    """Every flight of the sample."""
    return MODEL.read(DataOptions())


@pytest.fixture(scope="session")
def some_flights(flights: Dataset) -> Dataset:
    """Every fortieth flight, sorted by time."""
    return flights.take(np.arange(0, len(flights), STRIDE))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `python -m training` in this process; warnings are errors."""

    def run(*arguments: str) -> Finished:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        output = capsys.readouterr()
        return Finished(code, output.out, output.err)

    return run
