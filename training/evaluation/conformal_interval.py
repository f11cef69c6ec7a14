"""Interval of a regression, by split conformal prediction on the test rows.

Source: Lei et al., Distribution-free predictive inference for regression, Journal of the American Statistical
Association 113, 2018, section 2.2.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bundle import Interval

LEVEL = 0.9
_DIGITS = 6


def conformal_interval(
    target: NDArray[Any], outputs: Mapping[str, NDArray[Any]], *, seed: int = 0
) -> Interval | None:
    """Returns the interval of a regression; None when the test rows are too few for its level.

    The half width is the widest of all situations, because a server cannot tell which one a row is in.

    Args:
        target: Values of the test rows.
        outputs: Their predictions by a fit that never learned from them, (n, 1) values by situation.
        seed: Seed of the halves on which the coverage is measured.
    """
    errors = [np.abs(output[:, 0].astype(np.float64) - target) for output in outputs.values()]
    width = max(map(_half_width, errors))
    halves = np.array_split(np.random.default_rng(seed).permutation(len(target)), 2)
    widths = [max(_half_width(error[half]) for error in errors) for half in halves]
    if not all(map(math.isfinite, (width, *widths))):
        return None
    first, second = halves
    inside = [
        np.concatenate([error[first] <= widths[1], error[second] <= widths[0]]).mean() for error in errors
    ]
    return Interval(
        level=LEVEL,
        half_width=float(f"{width:.{_DIGITS}g}"),
        coverage=round(float(min(inside)), _DIGITS),
    )


def _half_width(errors: NDArray[np.float64]) -> float:
    """Returns the smallest error that at least `LEVEL` of the rows and a new one do not exceed."""
    rank = math.ceil((len(errors) + 1) * LEVEL)
    return float(np.sort(errors)[rank - 1]) if rank <= len(errors) else math.inf
