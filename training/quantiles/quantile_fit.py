"""Fit of the quantiles of a model's second target on the training rows."""

from dataclasses import replace
from typing import Any

import numpy as np

from training.data.dataset import Dataset
from training.data.split import evenly
from training.fit_plan import Plan
from training.fitting.fit import fit_pipeline, training_rows
from training.model import Model

# The rates of categories hardly change with more rows.
MOST_ENCODED_ROWS = 1_000_000


def fit_quantiles(model: Model, train: Dataset, plan: Plan) -> Any:
    """Fits a pipeline of the quantiles of the model's second target.

    None when the model declares no second target, the rows have no values of it, or the plan stops before.
    """
    target, values = model.quantiles, train.numeric_target
    if target is None or values is None or plan.stopping():
        return None
    rows = train
    if len(train) > MOST_ENCODED_ROWS:
        rows = train.take(evenly(len(train), MOST_ENCODED_ROWS))
    pipeline = target.pipeline(model.columns, replace(plan, parameters={}))
    numbers = replace(rows, target=np.asarray(rows.numeric_target, dtype=np.float64))
    fit_pipeline(pipeline, training_rows(pipeline, model, rows, plan), numbers)
    return pipeline
