"""Rows in the order of their score, from which all that rests on the order follows without sorting again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

CALIBRATION_BINS = 10


class Ranking:
    """Rows from the lowest score to the highest.

    Args:
        target: Right answers, shape (n,): 1 or true for the positive label.
        score: What the model makes of them, shape (n,).

    Attributes:
        order: Where each row of the ranking stood before.
        score: Ascending.
        positive: Of the same rows, 1.0 or 0.0.
    """

    def __init__(self, target: NDArray[Any], score: NDArray[Any]) -> None:
        # Another order of equal scores would move a row into another bin, and the figures with it.
        self.order = np.argsort(score, kind="stable")
        self.score = np.asarray(score, dtype=np.float64)[self.order]
        self.positive = np.asarray(target, dtype=np.float64)[self.order]

    def __len__(self) -> int:
        return len(self.score)

    def counts(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """True and false positives from each distinct score up, the highest score first; zeros in front."""
        score, positive = self.score[::-1], self.positive[::-1]
        last = np.append(np.flatnonzero(np.diff(score)), len(score) - 1)
        true = np.cumsum(positive)[last]
        return np.append(0.0, true), np.append(0.0, last + 1 - true)

    def roc_auc(self) -> float:
        """Area under the ROC curve: how often a positive row stands above a negative one, ties for half."""
        true, false = self.counts()
        area = np.sum(np.diff(false) * (true[1:] + true[:-1]) / 2)
        return float(area / (true[-1] * false[-1]))

    def average_precision(self) -> float:
        """The mean of the precisions at each positive row."""
        true, false = self.counts()
        return float(np.sum(np.diff(true) * true[1:] / (true[1:] + false[1:])) / true[-1])

    def quantiles(self, bins: int) -> NDArray[np.intp]:
        """Which of about equally large bins each row is in; equal scores are in one bin."""
        place = np.arange(len(self))
        is_first = np.append(True, np.diff(self.score) != 0)
        return np.maximum.accumulate(np.where(is_first, place, 0)) * bins // len(self)

    def calibration(self) -> NDArray[np.intp]:
        """Which of ten bins each row is in, as equally large as they can be."""
        sizes = [len(part) for part in np.array_split(np.empty(len(self), dtype=bool), CALIBRATION_BINS)]
        return np.repeat(np.arange(CALIBRATION_BINS), sizes)
