"""Other test sets that might have been: whole days, drawn again with replacement."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset

DRAWS = 1_000
MOST_GROUPS = 500
LEVEL = (0.025, 0.975)


class Resampling:
    """Rows in groups that are drawn together, because what troubles one row of a day troubles the others.

    Rows without dates are drawn by themselves, or in groups put together at random when there are many.
    Source: Davison and Hinkley, Bootstrap methods and their application, 1997, section 3.8.

    Args:
        rows: The test rows.
        draws: How often to draw.

    Attributes:
        codes: Which group each row is in.
        weights: How often each group was drawn, shape (draws, groups).
    """

    def __init__(self, rows: Dataset, *, draws: int = DRAWS) -> None:
        # Its own seed: how sure a figure is must not move with the model's.
        random = np.random.default_rng(0)
        self.codes = _groups(rows, random)
        groups = int(self.codes.max()) + 1
        self.weights = random.multinomial(groups, np.full(groups, 1 / groups), size=draws).astype(np.float64)

    @property
    def groups(self) -> int:
        """How many there are."""
        return len(self.weights.T)

    def sums(self, values: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """The values' sums, or the number of rows, in each draw, shape (draws,)."""
        return self.weights @ np.bincount(self.codes, weights=values, minlength=self.groups)

    def tables(
        self, rows: NDArray[np.intp], cells: NDArray[np.intp], size: int, values: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """The values' sums, or the number of rows, by cell in each draw, shape (draws, size).

        Args:
            rows: Which rows are meant, in any order.
            cells: The cell of each of them.
            size: How many cells there are.
            values: Theirs, in the same order.
        """
        keys = self.codes[rows] * size + cells
        counted = np.bincount(keys, weights=values, minlength=self.groups * size)
        return self.weights @ counted.reshape(self.groups, size)


def _groups(rows: Dataset, random: np.random.Generator) -> NDArray[np.intp]:
    if rows.dates is not None:
        is_new_day = np.append(False, np.diff(rows.dates) != np.timedelta64(0, "D"))
        return np.cumsum(is_new_day)
    return random.permutation(len(rows)) % MOST_GROUPS if len(rows) > MOST_GROUPS else np.arange(len(rows))
