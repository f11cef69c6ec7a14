"""Data that several tests of training look at, read once a worker."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from training.data.dataset import Dataset
from training.data.request import DataRequest
from training.models.flight_delay import MODEL

ROOT = Path(__file__).parents[2]
EVERY = 40

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def flights() -> Dataset:
    """Every flight of the sample."""
    return MODEL.read(DataRequest())


@pytest.fixture(scope="session")
def some_flights(flights: Dataset) -> Dataset:
    """Every fortieth flight, still in the order of time."""
    return flights.take(np.arange(0, len(flights), EVERY))


@pytest.fixture(scope="session")
def command() -> Command:
    """Runs `python -m training` as a user does, warnings being errors."""

    def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "training", *arguments],
            cwd=ROOT,
            env={"PATH": "", **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run
