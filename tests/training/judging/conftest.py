"""Fixtures of the judge's tests: bundles of short trainings."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.judging.trained import train_flights
from training.data.dataset import Dataset

# The last day that champion and honest challenger have learned from; the days after it are judged.
CHAMPION_END, CHALLENGER_END = np.datetime64("2013-09-30"), np.datetime64("2013-11-30")


@pytest.fixture(scope="session")
def late_flights(flights: Dataset) -> Dataset:
    """Every fourth flight of the last quarter of the year."""
    some = flights.take(np.arange(0, len(flights), 4))
    assert some.dates is not None
    return some.take(some.dates > CHAMPION_END)


@pytest.fixture(scope="session")
def learned_flights(some_flights: Dataset) -> Dataset:
    """What an honest challenger learns from."""
    assert some_flights.dates is not None
    return some_flights.take(some_flights.dates <= CHALLENGER_END)


@pytest.fixture(scope="session")
def champion(tmp_path_factory: pytest.TempPathFactory, learned_flights: Dataset) -> Path:
    """Bundle that was trained on the flights of nine months."""
    assert learned_flights.dates is not None
    flights = learned_flights.take(learned_flights.dates <= CHAMPION_END)
    return train_flights(tmp_path_factory.mktemp("champion") / "out", flights)


@pytest.fixture(scope="session")
def retrained(tmp_path_factory: pytest.TempPathFactory, learned_flights: Dataset) -> Path:
    """Bundle of an honest retraining with two newer months."""
    return train_flights(tmp_path_factory.mktemp("retrained") / "out", learned_flights)
