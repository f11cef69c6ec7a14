"""Predicts a value on a straight line from one number: the smallest regression."""

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import Pipeline

from bundle import Columns, Field
from training.data.data_options import only_sample
from training.data.dataset import Dataset
from training.data.split import at_random
from training.fit_plan import Plan
from training.model import Model

SLOPE, INTERCEPT, NOISE = 2.5, 10.0, 1.0

FIELDS = (
    Field(
        name="x",
        type="number",
        minimum=-1_000,
        maximum=1_000,
        description="Where on the line; it was learned from 0 to 10.",
        example=3.5,
    ),
)


def read_sample() -> Dataset:
    """Generates 200 points of y = 2.5 x + 10 with a normal error of 1, from a fixed seed."""
    random = np.random.default_rng(0)
    x = random.uniform(0, 10, 200).round(2)
    return Dataset(
        name="200 generated points beside y = 2.5 x + 10",
        columns={"x": x},
        target=SLOPE * x + INTERCEPT + random.normal(0, NOISE, len(x)),
    )


def pipeline(columns: Columns, plan: Plan) -> Pipeline:
    """Returns a linear regression by least squares."""
    del columns, plan
    return Pipeline([("line", LinearRegression())])


MODEL = Model(
    task="regression",
    fields=FIELDS,
    read=only_sample(read_sample),
    split=at_random,
    pipeline=pipeline,
)
