"""Linear baseline: logistic or linear regression on the same fields and rows."""

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
from training.data.model_inputs import pipeline_frame
from training.data.split import Split, evenly
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate, estimate_metrics
from training.model import Model

MAX_TRAIN_ROWS = 40_000
MAX_TEST_ROWS = 100_000
MAX_CATEGORIES = 100


def linear_baseline(model: Model, split: Split) -> Mapping[str, Mapping[str, MetricEstimate]]:
    """Fits logistic (or linear) regression for each situation and estimates its metrics on the test rows.

    Numbers are standardized, strings one-hot encoded, texts left out. Of a date only the day of the week is
    used when the rows have dates, because a linear trend over months does not continue. At most 40,000
    training rows and 100,000 test rows are used, evenly spaced.

    Returns:
        Metrics by situation; empty when the model has no field but texts.
    """
    train = split.train.take(evenly(len(split.train), MAX_TRAIN_ROWS))
    test = split.test.take(evenly(len(split.test), MAX_TEST_ROWS))
    bootstrap = ClusterBootstrap(test)
    estimates = {}
    for situation in model.situations:
        output = _predictions(model, train.without(situation.absent), test.without(situation.absent))
        if output is not None:
            estimates[situation.name] = estimate_metrics(model.task, test.target, output, bootstrap)
    return estimates


def _predictions(model: Model, train: Dataset, test: Dataset) -> NDArray[Any] | None:
    numbers, strings = _columns(model, train)
    if not numbers and not strings:
        return None
    pipeline = _pipeline(model, numbers, strings)
    with warnings.catch_warnings():
        # A baseline that has not fully converged is still a baseline.
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
            is_dated = field.type == "date" and train.dates is not None
            numbers += [f"{field.name}_day_of_week"] if is_dated else _numbers(model, field.name)
    return numbers, strings


def _numbers(model: Model, name: str) -> list[str]:
    return [column for column in model.columns.numbers if column == name or column.startswith(f"{name}_")]


def _pipeline(model: Model, numbers: list[str], strings: list[str]) -> Pipeline:
    encoder = OneHotEncoder(
        max_categories=MAX_CATEGORIES, handle_unknown="infrequent_if_exist", dtype=np.float32
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
