"""What a linear model makes of the same rows: a model that is not better is not worth its keep."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from training.data.dataset import Dataset
from training.data.inputs import pipeline_frame
from training.data.split import Split, evenly
from training.evaluation.intervals import Figure, figures
from training.evaluation.resampling import Resampling
from training.model import Model

TRAIN_ROWS = 40_000
TEST_ROWS = 100_000
MOST_CATEGORIES = 100


def linear_baseline(model: Model, split: Split) -> Mapping[str, Mapping[str, Figure]]:
    """The metrics of logistic (or linear) regression by situation, fitted for each by itself.

    Numbers are scaled, strings become one column a value; free text is left out, and so is the place in the
    calendar where the rows have dates, because a trend of months does not go on. Rows are taken evenly
    from all: at most 40,000 to learn from and 100,000 to be tested on.
    """
    train = split.train.take(evenly(len(split.train), TRAIN_ROWS))
    test = split.test.take(evenly(len(split.test), TEST_ROWS))
    resampling = Resampling(test)
    found = {}
    for situation in model.situations:
        output = _answers(model, train.without(situation.absent), test.without(situation.absent))
        if output is not None:
            found[situation.name] = figures(model.task, test.target, output, resampling)
    return found


def _answers(model: Model, train: Dataset, test: Dataset) -> NDArray[Any] | None:
    numbers, strings = _columns(model, train)
    if not numbers and not strings:
        return None
    pipeline = _pipeline(model, numbers, strings)
    with warnings.catch_warnings():
        # Not quite at its best, it is a baseline all the same.
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(pipeline_frame(model.fields, train), train.target)
    rows = pipeline_frame(model.fields, test)
    return np.asarray(pipeline.predict_proba(rows) if model.labels else pipeline.predict(rows).reshape(-1, 1))


def _columns(model: Model, train: Dataset) -> tuple[list[str], list[str]]:
    numbers, strings = [], []
    for field in model.fields:
        if field.name not in train.columns or field.type == "text":
            continue
        if field.type == "string":
            strings.append(field.name)
        else:
            dated = field.type == "date" and train.dates is not None
            numbers += [f"{field.name}_day_of_week"] if dated else _numbers(model, field.name)
    return numbers, strings


def _numbers(model: Model, name: str) -> list[str]:
    return [column for column in model.columns.numbers if column == name or column.startswith(f"{name}_")]


def _pipeline(model: Model, numbers: list[str], strings: list[str]) -> Pipeline:
    encoder = OneHotEncoder(
        max_categories=MOST_CATEGORIES, handle_unknown="infrequent_if_exist", dtype=np.float32
    )
    features = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numbers),
            ("strings", encoder, strings),
        ],
        sparse_threshold=0,
    )
    last = LogisticRegression(solver="newton-cholesky") if model.labels else LinearRegression()
    return Pipeline([("features", features), ("linear", last)])
