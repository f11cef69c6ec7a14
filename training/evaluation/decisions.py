"""What answering the positive label from the threshold on comes to."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bundle import lowest_positive

PER = 1_000


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """How many rows were answered rightly and wrongly, and what that costs.

    Attributes:
        hits: Positives that were said to be.
        alarms: Negatives that were said to be positive.
        misses: Positives that were said to be negative.
        quiet: Negatives that were said to be.
        missed_cost: How many false alarms a miss costs.
    """

    hits: int
    alarms: int
    misses: int
    quiet: int
    missed_cost: float

    @classmethod
    def of(cls, target: NDArray[Any], output: NDArray[Any], *, threshold: float, missed_cost: float) -> Self:
        """Counts the decisions on rows, made by the rule of serving."""
        said = output[:, 1] >= lowest_positive(threshold)
        counts = np.bincount(2 * (target == 1) + said, minlength=4)
        quiet, alarms, misses, hits = counts.tolist()
        return cls(hits=hits, alarms=alarms, misses=misses, quiet=quiet, missed_cost=missed_cost)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.hits + self.alarms + self.misses + self.quiet

    @property
    def precision(self) -> float:
        """The share of what was said to be positive that is; NaN when nothing was."""
        return _share(self.hits, self.hits + self.alarms)

    @property
    def recall(self) -> float:
        """The share of the positives that was found."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def cost(self) -> float:
        """What 1,000 rows cost, in false alarms."""
        return PER * (self.alarms + self.missed_cost * self.misses) / self.rows

    @property
    def cost_of_silence(self) -> float:
        """What 1,000 rows cost when none is said to be positive."""
        return PER * self.missed_cost * (self.hits + self.misses) / self.rows

    @property
    def cost_of_crying(self) -> float:
        """What 1,000 rows cost when all are said to be positive."""
        return PER * (self.alarms + self.quiet) / self.rows


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
