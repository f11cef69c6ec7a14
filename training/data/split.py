"""Which rows a model learns from, and which it is tested on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from training.data.dataset import Dataset
from training.errors import TrainingError

TEST_SHARE = 0.2


@dataclass(frozen=True, kw_only=True)
class Split:
    """Rows to learn from, rows to be tested on, and what tells them apart, in words."""

    train: Dataset
    test: Dataset
    description: str


def by_time(dataset: Dataset, seed: int) -> Split:
    """Tests on the last fifth by time: the future, as in use, and nothing drawn (`seed` is not used).

    A random split flatters, because a day's rows share its weather and its troubles. So no day is divided.

    Raises:
        TrainingError: When the rows have no dates.
    """
    del seed
    dates = dataset.dates
    if dates is None:
        raise TrainingError(f"The data {dataset.name!r} have no dates, so they cannot be split by time.")
    first = dates[int(len(dataset) * (1 - TEST_SHARE))]
    train, test = dataset.take(dates < first), dataset.take(dates >= first)
    start, end = test.period
    return Split(
        train=train,
        test=test,
        description=f"The last {TEST_SHARE:.0%} by time, {start} to {end} ({len(test):,} rows)",
    )


def by_label(dataset: Dataset, seed: int) -> Split:
    """Tests on a random fifth that holds every label in its own proportion, for rows without time."""
    rows = np.arange(len(dataset))
    train, test = train_test_split(rows, test_size=TEST_SHARE, stratify=dataset.target, random_state=seed)
    return Split(
        train=dataset.take(np.sort(train)),
        test=dataset.take(np.sort(test)),
        description=f"A random {TEST_SHARE:.0%} with each label in proportion ({len(test):,} rows)",
    )


def at_random(dataset: Dataset, seed: int) -> Split:
    """Tests on a random fifth, for values to predict and rows without time."""
    rows = np.random.default_rng(seed).permutation(len(dataset))
    size = round(len(dataset) * TEST_SHARE)
    return Split(
        train=dataset.take(np.sort(rows[size:])),
        test=dataset.take(np.sort(rows[:size])),
        description=f"A random {TEST_SHARE:.0%} ({size:,} rows)",
    )


def evenly(rows: int, most: int) -> NDArray[np.intp]:
    """At most so many positions among `rows`, spread evenly over them."""
    return np.linspace(0, rows - 1, min(rows, most)).astype(np.intp)
