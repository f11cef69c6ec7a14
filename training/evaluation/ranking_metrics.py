"""Test rows sorted by score: the metrics and curves that depend on the order, without sorting again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

CALIBRATION_BINS = 10


class Ranking:
    """Rows in ascending order of score.

    Args:
        target: Right answers, shape (n,): 1 or true for the positive label.
        score: Scores of the model, shape (n,).

    Attributes:
        order: Original position of each sorted row, shape (n,).
        score: Scores in ascending order, shape (n,).
        positive: 1.0 for the positive label, else 0.0, of the sorted rows, shape (n,).
    """

    def __init__(self, target: NDArray[Any], score: NDArray[Any]) -> None:
        self.order = np.argsort(score, kind="stable")
        self.score = np.asarray(score, dtype=np.float64)[self.order]
        self.positive = np.asarray(target, dtype=np.float64)[self.order]

    def __len__(self) -> int:
        return len(self.score)

    def counts(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Returns true and false positives at each distinct threshold, from the highest score down.

        The first element of both arrays is 0, for a threshold above all scores.
        """
        score, positive = self.score[::-1], self.positive[::-1]
        last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
        true = np.cumsum(positive)[last]
        return np.append(0.0, true), np.append(0.0, last + 1 - true)

    def roc_auc(self) -> float:
        """Returns the area under the ROC curve; a tie of a positive and a negative row counts half."""
        true, false = self.counts()
        area = np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2)
        return float(area / (true[-1] * false[-1]))

    def average_precision(self) -> float:
        """Returns the mean of the precisions at each positive row."""
        true, false = self.counts()
        return float(np.sum(np.diff(true) * true[1:] / (true[1:] + false[1:])) / true[-1])

    def quantiles(self, bins: int) -> NDArray[np.intp]:
        """Returns the quantile bin of each sorted row, shape (n,).

        Equal scores are in one bin, so that the order of the rows has no influence. Up to so many distinct
        scores have a bin each.
        """
        is_first = np.append(True, np.diff(self.score) != 0)
        distinct = np.cumsum(is_first) - 1
        if distinct[-1] < bins:
            return distinct
        position = np.arange(len(self))
        return np.maximum.accumulate(np.where(is_first, position, 0)) * bins // len(self)

    def calibration(self) -> NDArray[np.intp]:
        """Returns the calibration bin of each sorted row, shape (n,): ten quantile bins."""
        return self.quantiles(CALIBRATION_BINS)
