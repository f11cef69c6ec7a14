"""Fixtures of several training tests: the sample, read once in each worker, and the command."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from training.__main__ import main
from training.data.dataset import Dataset
from training.data.request import DataRequest
from training.models.flight_delay import MODEL

EVERY = 40


@dataclass(frozen=True)
class Finished:
    """A finished command: its exit code, and its texts on stdout and stderr."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Finished]


@pytest.fixture(scope="session")
def flights() -> Dataset:
    """Every flight of the sample."""
    return MODEL.read(DataRequest())


@pytest.fixture(scope="session")
def some_flights(flights: Dataset) -> Dataset:
    """Every fortieth flight, sorted by time."""
    return flights.take(np.arange(0, len(flights), EVERY))


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `python -m training` in this process; warnings are errors."""

    def run(*arguments: str) -> Finished:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        texts = capsys.readouterr()
        return Finished(code, texts.out, texts.err)

    return run
