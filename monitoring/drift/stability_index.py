"""Population stability index of a window, and the largest one that is quiet.

The index is the sum over bins of (window - reference) * ln(window / reference). That of n independent rows
without drift is 1/n times a chi-squared variable with one degree of freedom less than bins: B. Yurdakul,
"Statistical properties of population stability index" (2018), https://scholarworks.wmich.edu/dissertations/3208.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitoring.drift.chi_square import chi_square_quantile

# Index that is called a moderate change in credit scoring; a smaller one is no alarm in however many rows.
LEAST_INDEX = 0.1
# Bins in which fewer independent rows are expected are joined, as in a test of Pearson.
FEWEST_EXPECTED = 5


class StabilityIndex(NamedTuple):
    """Index of one distribution.

    Attributes:
        value: The index.
        allowed: Largest index that is quiet.
        effective_rows: Number of independent rows that say as much as the window's rows.
    """

    value: float
    allowed: float
    effective_rows: float

    @property
    def is_compared(self) -> bool:
        """Whether there are two bins to compare."""
        return self.allowed > 0


NOT_COMPARED = StabilityIndex(0.0, 0.0, 0.0)


def stability_index(
    counts: NDArray[np.int64],
    shares: NDArray[np.float64],
    *,
    design_effect: float,
    reference_rows: float,
    tail: float,
    caution: float = 1.0,
) -> StabilityIndex:
    """Compares the bins of a window with those of a reference.

    Args:
        counts: Rows of the window in each bin.
        shares: Share of the training rows in each bin.
        design_effect: Rows of the window for one independent row.
        reference_rows: Number of rows of the shares.
        tail: Probability of an index above the allowed one without drift.
        caution: Factor of the allowed index.
    """
    rows = int(counts.sum())
    if not rows or not shares.sum():
        return NOT_COMPARED
    effective = rows / design_effect
    expected, found = pooled(shares / shares.sum(), counts / rows, least=FEWEST_EXPECTED / effective)
    if len(found) < 2:
        return NOT_COMPARED
    # One row of the reference among the effective rows: an empty bin would have an infinite index.
    smoothed = (found * effective + expected) / (effective + 1)
    value = float(((smoothed - expected) * np.log(smoothed / expected)).sum())
    noise = 1 / effective + 1 / reference_rows
    allowed = chi_square_quantile(len(found) - 1, tail) * noise
    return StabilityIndex(value, caution * max(LEAST_INDEX, allowed), float(effective))


def pooled(
    expected: NDArray[np.float64], found: NDArray[np.float64], *, least: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Joins neighbouring bins until each has at least the expected share `least`; one bin at worst."""
    groups = np.zeros(len(expected), dtype=np.int64)
    group, share = 0, 0.0
    for place, part in enumerate(expected):
        if share >= least:
            group, share = group + 1, 0.0
        groups[place] = group
        share += part
    if share < least and group:
        # Bins that are left at the end join the last whole group.
        groups[groups == group] = group - 1
        group -= 1
    joined: NDArray[np.float64] = np.zeros((2, group + 1))
    np.add.at(joined[0], groups, expected)
    np.add.at(joined[1], groups, found)
    return joined[0], joined[1]
