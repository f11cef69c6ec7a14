"""Slice: a way to group rows by the values of fields, to evaluate each group alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.data.dataset import ColumnValues, Dataset, factorized


@dataclass(frozen=True, kw_only=True)
class Slice:
    """A way to group rows.

    Attributes:
        title: What a group is, for people, such as "carrier".
        fields: Rows with equal values of these fields are one group.
        cut: Maps a field's value to the name of its group; names of several fields are joined by "to".
        most: Largest number of groups shown; the largest groups are shown.
        in_order: Whether groups are shown in the order of their names, not of their sizes.
    """

    title: str
    fields: tuple[str, ...]
    cut: Callable[[Any], str] = str
    most: int = 20
    in_order: bool = False

    def parts(self, dataset: Dataset) -> tuple[NDArray[np.intp], list[str]]:
        """Returns the group of each row, shape (n,), -1 for none, and the names of the groups."""
        codes, names = _named(dataset.columns[self.fields[0]], self.cut)
        for field in self.fields[1:]:
            other_codes, other_names = _named(dataset.columns[field], self.cut)
            is_known = (codes >= 0) & (other_codes >= 0)
            pairs, distinct = pd.factorize(np.where(is_known, codes * len(other_names) + other_codes, -1))
            joined = [
                f"{names[pair // len(other_names)]} to {other_names[pair % len(other_names)]}"
                for pair in distinct
            ]
            codes, names = np.where(is_known, pairs, -1), joined
        return codes, names

    def shown(self, counts: NDArray[np.intp], names: list[str]) -> list[int]:
        """Returns the groups to show, in their order, given the number of rows and the name of each group."""
        largest = np.argsort(-counts, kind="stable")[: self.most]
        present = [int(part) for part in largest if counts[part]]
        return sorted(present, key=lambda part: names[part]) if self.in_order else present


def _named(values: ColumnValues, cut: Callable[[Any], str]) -> tuple[NDArray[np.intp], list[str]]:
    codes, distinct = factorized(values)
    names = [cut(value) for value in distinct]
    known = sorted(set(names))
    # The code of an absent value is -1, which indexes the last element.
    groups = np.array([*(known.index(name) for name in names), -1], dtype=np.intp)
    return groups[codes], known
