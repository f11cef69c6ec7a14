"""Rows as those see them who do not know everything yet."""

from itertools import compress

import numpy as np
from numpy.typing import NDArray

# About what takes ten seconds to learn from.
MOST_COPIED = 1_200_000


class Views:
    """What may be unknown of a row: each group of columns is known or not, as a whole.

    A view is a number: bit g is set when group g is unknown.

    Args:
        groups: Positions of the columns of each group. Its first one, when NaN, says that it is unknown.
    """

    def __init__(self, groups: tuple[tuple[int, ...], ...]) -> None:
        self._groups = groups

    @property
    def all(self) -> range:
        """Every view there is."""
        return range(2 ** len(self._groups))

    def of(self, matrix: NDArray[np.float32]) -> NDArray[np.intp]:
        """The view of each row."""
        view = np.zeros(len(matrix), dtype=np.intp)
        for bit, columns in enumerate(self._groups):
            view |= np.isnan(matrix[:, columns[0]]).astype(np.intp) << bit
        return view

    def possible(self, matrix: NDArray[np.float32]) -> list[int]:
        """The views that these rows can be seen in: what none of them has stays unknown."""
        never = self.never(matrix)
        return [view for view in self.all if view & never == never]

    def never(self, matrix: NDArray[np.float32]) -> int:
        """The groups that no row has, as a view."""
        empty = (np.isnan(matrix[:, list(columns)]).all() for columns in self._groups)
        return sum(1 << bit for bit, is_empty in enumerate(empty) if is_empty)

    def unknown(self, view: int) -> list[int]:
        """The columns that are unknown in a view."""
        groups = compress(self._groups, (view >> bit & 1 for bit in range(len(self._groups))))
        return [column for columns in groups for column in columns]

    def seen(self, matrix: NDArray[np.float32], view: int) -> NDArray[np.float32]:
        """A copy of the rows as they are in a view."""
        copy = matrix.copy()
        copy[:, self.unknown(view)] = np.nan
        return copy

    def spread(
        self, matrix: NDArray[np.float32], target: NDArray[np.intp], random: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """The rows in every view, or, when those were too many, each in one view drawn for it."""
        views = self.possible(matrix)
        if len(matrix) * len(views) <= MOST_COPIED:
            return np.concatenate([self.seen(matrix, view) for view in views]), np.tile(target, len(views))
        matrix = matrix.copy()
        drawn = random.choice(views, len(matrix))
        for view in views:
            matrix[np.ix_(drawn == view, self.unknown(view))] = np.nan
        return matrix, target
