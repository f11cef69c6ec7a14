"""Pipeline of features and quantile boosting, whose range is corrected on held-out weeks."""

import copy
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from training.data.split import evenly
from training.errors import TrainingError
from training.features.target_encoding import weekly_folds
from training.quantiles.quantile_boosting import QuantileBoosting

# Every tenth week is held out, so that the weeks are of all seasons.
HELD_OUT_FOLD = 0
FEWEST_HELD_OUT = 1_000
# The share of so many rows inside a range is known to a fifth of a percent.
MOST_HELD_OUT = 50_000
# Few extreme values must not decide the mean of a category.
ENCODED_LEVELS = (0.01, 0.99)


class QuantilePipeline(Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """`Features` of the second target, then `QuantileBoosting`, corrected by conformal prediction.

    Source: Romano, Patterson and Candes, Conformalized quantile regression, NeurIPS 2019.

    Attributes:
        takes_training_columns: That X may be `TrainingColumns` instead of a data frame.
    """

    takes_training_columns = True

    def fit(self, X: pd.DataFrame, y: Any, *, dates: NDArray[np.datetime64] | None) -> Self:  # noqa: N803
        """Fits both steps; `dates` has the day of each row.

        Raises:
            TrainingError: When the rows have no dates.
        """
        if dates is None:
            raise TrainingError("The quantiles cannot be fitted: their rows need dates.")
        target = np.asarray(y, dtype=np.float64)
        features, boosting = (step for _, step in self.steps)
        matrix = features.fit_transform(X, np.clip(target, *np.quantile(target, ENCODED_LEVELS)), dates=dates)
        boosting.positions_ = features.positions
        boosting.fit(matrix, target)
        # The features of a week are computed from the other weeks, so those held out are as new rows are.
        is_held_out = weekly_folds(dates) == HELD_OUT_FOLD
        held_out, others = np.flatnonzero(is_held_out), np.flatnonzero(~is_held_out)
        if min(len(held_out), len(others)) >= FEWEST_HELD_OUT:
            judge = copy.copy(boosting).fit(matrix, target, among=others)
            asked = held_out[evenly(len(held_out), MOST_HELD_OUT)]
            boosting.correct(conformal_widths(judge, matrix[asked], target[asked]))
        return self


def conformal_widths(
    boosting: QuantileBoosting, matrix: NDArray[np.float32], target: NDArray[np.float64]
) -> dict[int, float]:
    """Returns by mask how far both ends must move outwards for the range to have its level's coverage.

    Args:
        boosting: Fitted on other rows.
        matrix: Features of held-out rows.
        target: Their values.
    """
    low, _, high = boosting.levels
    rank = min(1.0, (high - low) * (1 + 1 / len(target)))
    masks = boosting.masks_
    never = masks.never_known(matrix)
    widths = {}
    for mask in masks.possible(matrix):
        found = boosting.predict(masks.masked(matrix, mask))
        outside = np.maximum(found[:, 0] - target, target - found[:, -1])
        widths[mask] = float(np.quantile(outside, rank, method="higher"))
    return {mask: widths[mask | never] for mask in masks.all}
