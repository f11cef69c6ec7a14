"""Fit of the quantiles of a model's second target on the training rows."""

from dataclasses import replace

import numpy as np

from training.data.dataset import Dataset
from training.data.split import evenly
from training.fit_plan import Plan
from training.fitting.fit import Fitted, fit_pipeline, training_frame

# The rates of categories hardly change with more rows.
MOST_ENCODED_ROWS = 1_000_000


def with_quantiles(fitted: Fitted, train: Dataset, plan: Plan) -> Fitted:
    """Fits the quantiles of the second target, and adds them to a fitted pipeline.

    The result has none when the model declares no second target, the rows have no values of it, or the plan
    stops before the fit.
    """
    target, values = fitted.model.quantiles, train.numeric_target
    if target is None or values is None or plan.stopping():
        return fitted
    rows = train
    if len(train) > MOST_ENCODED_ROWS:
        rows = train.take(evenly(len(train), MOST_ENCODED_ROWS))
    pipeline = target.pipeline(fitted.model.columns, replace(plan, parameters={}))
    numbers = replace(rows, target=np.asarray(rows.numeric_target, dtype=np.float64))
    fit_pipeline(pipeline, training_frame(fitted.model, rows, plan), numbers)
    return replace(fitted, quantiles=pipeline)
