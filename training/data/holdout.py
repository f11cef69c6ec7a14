"""Held-out rows: rows that a training never sees, on which a judge can compare its model with another one."""

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.dataset import ColumnValues, Dataset, factorized

# Share of the rows that is held out where no date says which rows are the newest.
UNDATED_SHARE = 0.1
# Constants of SplitMix64: Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014.
_GAMMA, _FIRST, _SECOND = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


def without_holdout(data: Dataset, days: int) -> Dataset:
    """Leaves out the rows of the newest days; without dates, a tenth of the rows by their digests.

    Args:
        data: The rows.
        days: Number of days, counted back from the last one.
    """
    if data.dates is None:
        kept = uniform_digests(data) >= UNDATED_SHARE
        return replace(data.take(kept), held_out=UNDATED_SHARE)
    return data.take(data.dates <= data.dates[-1] - np.timedelta64(days, "D"))


def uniform_digests(data: Dataset) -> NDArray[np.float64]:
    """Returns a number from 0 to 1 for each row, which follows from the values of its fields alone.

    Equal rows have equal numbers, in any order and in any file, so they are held out together.
    """
    return np.asarray(row_digests(data) >> np.uint64(11), dtype=np.float64) / 2.0**53


def row_digests(data: Dataset) -> NDArray[np.uint64]:
    """Returns a 64-bit digest of each row's fields; an absent value is as good as an absent field."""
    digests = np.zeros(len(data), dtype=np.uint64)
    for name in sorted(data.columns):
        values = data.columns[name]
        absent = np.asarray(pd.isna(values))
        # Added, so that a field without any value changes nothing.
        digests += np.where(absent, np.uint64(0), _mixed(_value_digests(values) ^ _text_digest(name)))
    return _mixed(digests)


def _value_digests(values: ColumnValues) -> NDArray[np.uint64]:
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        # Minus zero equals zero, and must have its bits too.
        return (np.asarray(values, dtype=np.float64) + 0.0).view(np.uint64)
    codes, distinct = factorized(values)
    # The absent value stands last, where code -1 finds it.
    texts = np.array([*(_text_digest(str(value)) for value in distinct), 0], dtype=np.uint64)
    return np.asarray(texts[codes])


def _text_digest(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little"))


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    mixed = numbers + _GAMMA
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
