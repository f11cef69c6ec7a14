"""Linear baseline: logistic or linear regression on the same fields and rows."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from training.data.dataset import Dataset
from training.data.model_inputs import pipeline_frame
from training.data.split import Split, evenly
from training.evaluation.bootstrap import ClusterBootstrap
from training.evaluation.confidence_intervals import MetricEstimate, estimate_gain, estimate_metrics
from training.model import Model

# Rows that are fitted in seconds and half a gigabyte; a linear model of a hundred airports needs no more.
MAX_TRAIN_ROWS = 200_000
MAX_TEST_ROWS = 100_000
MAX_CATEGORIES = 100


@dataclass(frozen=True, kw_only=True)
class LinearBaseline:
    """Quality of the linear baseline on the test rows, by situation; empty when no field can be used by it.

    Attributes:
        estimates: Its metrics.
        gains: How much better its primary metric is than the model's, on the same rows and in the same draws.
    """

    estimates: Mapping[str, Mapping[str, MetricEstimate]]
    gains: Mapping[str, MetricEstimate]


def linear_baseline(model: Model, split: Split, outputs: Mapping[str, NDArray[Any]]) -> LinearBaseline:
    """Fits logistic (or linear) regression for each situation and estimates its metrics on the test rows.

    Numbers are standardized; strings, hours and days of the week are one-hot encoded; texts are left out. Of
    a date only the day of the week is used when the rows have dates, because a linear trend over months does
    not continue. At most 200,000 training rows and 100,000 test rows are used, evenly spaced.

    Args:
        model: The model that it is compared with.
        split: Training rows and test rows.
        outputs: The model's outputs for all test rows, by situation.
    """
    train = split.train.take(evenly(len(split.train), MAX_TRAIN_ROWS))
    rows = evenly(len(split.test), MAX_TEST_ROWS)
    test = split.test.take(rows)
    bootstrap = ClusterBootstrap(test)
    estimates, gains = {}, {}
    for situation in model.situations:
        name = situation.name
        output = _predictions(model, train.without(situation.absent), test.without(situation.absent))
        if output is not None:
            estimates[name] = estimate_metrics(model.task, test.target, output, bootstrap)
            gains[name] = estimate_gain(model.task, test.target, output, outputs[name][rows], bootstrap)
    return LinearBaseline(estimates=estimates, gains=gains)


def _predictions(model: Model, train: Dataset, test: Dataset) -> NDArray[Any] | None:
    columns = _columns(model, train)
    if not any(columns.values()):
        return None
    pipeline = _pipeline(model, columns)
    with warnings.catch_warnings():
        # A baseline that has not fully converged is still a baseline.
        warnings.simplefilter("ignore", ConvergenceWarning)
        pipeline.fit(pipeline_frame(model.fields, train), train.target)
    rows = pipeline_frame(model.fields, test)
    return np.asarray(pipeline.predict_proba(rows) if model.labels else pipeline.predict(rows).reshape(-1, 1))


def _columns(model: Model, train: Dataset) -> dict[str, list[str]]:
    """Returns the columns of the data frame by the way in which they are encoded."""
    columns: dict[str, list[str]] = {"numbers": [], "strings": [], "hours": [], "weekdays": []}
    for field in model.fields:
        name = field.name
        if name not in train.columns or field.type == "text" or field.ignored:
            continue
        if field.type == "string":
            columns["strings"].append(name)
        elif field.type == "time":
            columns["hours"].append(f"{name}_minutes")
        elif field.type == "date":
            columns["weekdays"].append(f"{name}_day_of_week")
            undated = () if train.dates is not None else ("month", "day", "day_of_year")
            columns["numbers"] += [f"{name}_{part}" for part in undated]
        else:
            columns["numbers"].append(name)
    return columns


def _pipeline(model: Model, columns: Mapping[str, list[str]]) -> Pipeline:
    common = {"max_categories": MAX_CATEGORIES, "handle_unknown": "infrequent_if_exist"}
    known = {"handle_unknown": "ignore", "dtype": np.float32}
    encoders = {
        "numbers": make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
        "strings": OneHotEncoder(**common, dtype=np.float32),
        "hours": make_pipeline(FunctionTransformer(_hours), OneHotEncoder(**known)),
        "weekdays": OneHotEncoder(**known),
    }
    features = ColumnTransformer(
        [(name, encoder, columns[name]) for name, encoder in encoders.items() if columns[name]],
        sparse_threshold=0,
    )
    last = LogisticRegression(solver="newton-cholesky") if model.labels else LinearRegression()
    return Pipeline([("features", features), ("linear", last)])


def _hours(minutes: pd.DataFrame) -> pd.DataFrame:
    return minutes // 60
