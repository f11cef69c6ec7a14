"""Rows cut by what they have in common, because a good mean can hide where a model is of no use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.dataset import ColumnValues, Dataset, factorized


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One way to cut rows.

    Attributes:
        title: What the parts are, for people.
        fields: Rows with the same values of these are one part.
        cut: Names the part of one field's value; several fields' values are joined as they are.
        most: The largest parts are shown, at most so many.
        in_order: Whether they are shown by name, not by size.
    """

    title: str
    fields: tuple[str, ...]
    cut: Callable[[Any], str] = str
    most: int = 20
    in_order: bool = False

    def parts(self, dataset: Dataset) -> tuple[NDArray[np.intp], list[str]]:
        """Which part each row is in, -1 for none, and the parts' names."""
        codes, names = _named(dataset.columns[self.fields[0]], self.cut)
        for field in self.fields[1:]:
            more, added = _named(dataset.columns[field], self.cut)
            is_whole = (codes >= 0) & (more >= 0)
            pairs, distinct = pd.factorize(np.where(is_whole, codes * len(added) + more, -1))
            joined = [f"{names[pair // len(added)]} to {added[pair % len(added)]}" for pair in distinct]
            codes, names = np.where(is_whole, pairs, -1), joined
        return codes, names

    def shown(self, counts: NDArray[np.intp], names: list[str]) -> list[int]:
        """The parts to be shown, in their order, given how many rows each has."""
        largest = np.argsort(-counts, kind="stable")[: self.most]
        present = [int(part) for part in largest if counts[part]]
        return sorted(present, key=lambda part: names[part]) if self.in_order else present


def _named(values: ColumnValues, cut: Callable[[Any], str]) -> tuple[NDArray[np.intp], list[str]]:
    codes, distinct = factorized(values)
    names = [cut(value) for value in distinct]
    known = sorted(set(names))
    # The absent value stands last, where code -1 finds it.
    turned = np.array([*(known.index(name) for name in names), -1], dtype=np.intp)
    return turned[codes], known
