"""Confusion counts of a binary model at its decision threshold, and their cost."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bundle import lowest_positive

COST_ROWS = 1_000


@dataclass(frozen=True, kw_only=True)
class ThresholdCosts:
    """True and false positives and negatives at the threshold, and their cost in false positives.

    Attributes:
        true_positives: Number of positive rows predicted positive.
        false_positives: Number of negative rows predicted positive (false alarms).
        false_negatives: Number of positive rows predicted negative (misses).
        true_negatives: Number of negative rows predicted negative.
        missed_cost: Cost of one false negative, in false positives.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    missed_cost: float

    @classmethod
    def of(cls, target: NDArray[Any], output: NDArray[Any], *, threshold: float, missed_cost: float) -> Self:
        """Counts the predictions on rows, made by the threshold rule of serving.

        Args:
            target: Label positions, 1 for the positive label, shape (n,).
            output: The graph's float32 probabilities, shape (n, 2).
            threshold: Lowest displayed probability of a positive prediction.
            missed_cost: Cost of one false negative, in false positives.
        """
        is_predicted = output[:, 1] >= lowest_positive(threshold)
        counts = np.bincount(2 * (target == 1) + is_predicted, minlength=4)
        true_negatives, false_positives, false_negatives, true_positives = counts.tolist()
        return cls(
            true_positives=true_positives,
            false_positives=false_positives,
            false_negatives=false_negatives,
            true_negatives=true_negatives,
            missed_cost=missed_cost,
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.positives + self.negatives

    @property
    def positives(self) -> int:
        """Number of positive rows."""
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> int:
        """Number of negative rows."""
        return self.true_negatives + self.false_positives

    @property
    def precision(self) -> float:
        """Share of the positive predictions that are right; NaN without a positive prediction."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Share of the positive rows that are predicted positive; NaN without a positive row."""
        return _share(self.true_positives, self.positives)

    @property
    def cost(self) -> float:
        """Cost of 1,000 rows, in false positives."""
        return COST_ROWS * (self.false_positives + self.missed_cost * self.false_negatives) / self.rows

    @property
    def cost_all_negative(self) -> float:
        """Cost of 1,000 rows when every row is predicted negative."""
        return COST_ROWS * self.missed_cost * self.positives / self.rows

    @property
    def cost_all_positive(self) -> float:
        """Cost of 1,000 rows when every row is predicted positive."""
        return COST_ROWS * self.negatives / self.rows


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
