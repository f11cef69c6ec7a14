"""Splits of a dataset into training and test rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from training.data.dataset import Dataset
from training.errors import TrainingError

TEST_SHARE = 0.2
# Of more test rows by time so many are used, evenly spaced: days differ far more than the rows of one day, so
# more rows hardly narrow an interval.
MOST_TEST_ROWS = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Split:
    """Training rows, test rows, and the description of the split in reports."""

    train: Dataset
    test: Dataset
    description: str


def by_time(dataset: Dataset, seed: int) -> Split:
    """Tests on the last fifth by time, in whole days, or on 2,000,000 of its rows; `seed` is not used.

    A random split gives metrics that are too good, because the rows of one day have the same weather and the
    same delays.

    Raises:
        TrainingError: When the rows have no dates, or are of one day.
    """
    del seed
    dates = dataset.dates
    if dates is None:
        raise TrainingError(f"The data {dataset.name!r} have no dates, so they cannot be split by time.")
    if dates[0] == dates[-1]:
        raise TrainingError(
            f"{dataset.name} has rows of one day only, {dates[0]}: a split by time needs rows of other days "
            "too."
        )
    # One day may have more than the last fifth of the rows.
    first = max(dates[int(len(dataset) * (1 - TEST_SHARE))], dates[dates > dates[0]][0])
    # Slices, because they share the memory of all rows.
    start = int(np.searchsorted(dates, first))
    train, test = dataset.take(slice(start)), dataset.take(slice(start, None))
    first_day, last_day = test.period
    counted = f"{len(test):,} rows"
    if len(test) > MOST_TEST_ROWS:
        test = test.take(evenly(len(test), MOST_TEST_ROWS))
        counted = f"{MOST_TEST_ROWS:,} of {counted}, evenly spaced"
    return Split(
        train=train,
        test=test,
        description=f"The last {TEST_SHARE:.0%} by time, {first_day} to {last_day} ({counted})",
    )


def by_label(dataset: Dataset, seed: int) -> Split:
    """Tests on a random fifth, stratified by label, for rows without dates."""
    rows = np.arange(len(dataset))
    train, test = train_test_split(rows, test_size=TEST_SHARE, stratify=dataset.target, random_state=seed)
    return Split(
        train=dataset.take(np.sort(train)),
        test=dataset.take(np.sort(test)),
        description=f"A random {TEST_SHARE:.0%} with each label in proportion ({len(test):,} rows)",
    )


def at_random(dataset: Dataset, seed: int) -> Split:
    """Tests on a random fifth, for a regression on rows without dates."""
    rows = np.random.default_rng(seed).permutation(len(dataset))
    size = round(len(dataset) * TEST_SHARE)
    return Split(
        train=dataset.take(np.sort(rows[size:])),
        test=dataset.take(np.sort(rows[:size])),
        description=f"A random {TEST_SHARE:.0%} ({size:,} rows)",
    )


def evenly(rows: int, most: int) -> NDArray[np.intp]:
    """Selects at most so many positions, spread evenly over `rows` rows."""
    return np.linspace(0, rows - 1, min(rows, most)).astype(np.intp)
