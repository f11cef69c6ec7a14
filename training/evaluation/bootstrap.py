"""Cluster bootstrap: resampled test sets, made of whole days drawn with replacement."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset

BOOTSTRAP_DRAWS = 1_000
MAX_CLUSTERS = 500
# Quantiles of a 95 % interval.
INTERVAL_QUANTILES = (0.025, 0.975)


class ClusterBootstrap:
    """Rows in clusters that are drawn together, because the errors of one day's rows are correlated.

    A cluster is a day. Without dates a cluster is a row, or one of 500 random groups of more rows.
    Source: Davison and Hinkley, Bootstrap methods and their application, 1997, section 3.8.

    Args:
        rows: The test rows.
        draws: Number of resampled test sets.

    Attributes:
        codes: Cluster of each row, shape (n,).
        weights: How often each cluster was drawn, shape (draws, clusters); NaN when there is only one, so
            that intervals are NaN too: one day does not show how much days differ.
    """

    def __init__(self, rows: Dataset, *, draws: int = BOOTSTRAP_DRAWS) -> None:
        # A constant seed: the intervals must not depend on the seed of the model.
        random = np.random.default_rng(0)
        self.codes = _clusters(rows, random)
        clusters = int(self.codes.max()) + 1
        shares = np.full(clusters, 1 / clusters)
        self.weights = random.multinomial(clusters, shares, size=draws).astype(np.float64)
        if clusters < 2:
            self.weights[:] = np.nan

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.weights.T)

    def sums(self, values: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """Sums the values (or counts the rows) in each draw, shape (draws,)."""
        return self.weights @ np.bincount(self.codes, weights=values, minlength=self.clusters)

    def tables(
        self, rows: NDArray[np.intp], cells: NDArray[np.intp], size: int, values: NDArray[Any] | None = None
    ) -> NDArray[np.float64]:
        """Sums the values (or counts the rows) by cell in each draw, shape (draws, size).

        Args:
            rows: Positions of some of the rows, in any order.
            cells: Cell of each of these rows.
            size: Number of cells.
            values: Value of each of these rows.
        """
        keys = self.codes[rows] * size + cells
        sums = np.bincount(keys, weights=values, minlength=self.clusters * size)
        return self.weights @ sums.reshape(self.clusters, size)


def _clusters(rows: Dataset, random: np.random.Generator) -> NDArray[np.intp]:
    if rows.dates is not None:
        is_new_day = np.append(False, np.diff(rows.dates) != np.timedelta64(0, "D"))
        return np.cumsum(is_new_day)
    size = len(rows)
    return random.permutation(size) % MAX_CLUSTERS if size > MAX_CLUSTERS else np.arange(size)
