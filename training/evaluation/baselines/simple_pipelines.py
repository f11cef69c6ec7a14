"""Pipelines of the baselines: a constant, and logistic or linear regression on the same fields."""

from typing import Any

from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline

from training.data.dataset import Dataset
from training.features.linear_features import LinearFeatures
from training.model import Model


def constant_pipeline(model: Model) -> Pipeline:
    """Returns the pipeline that predicts the mean of the training rows."""
    constant = DummyClassifier(strategy="prior") if model.labels else DummyRegressor()
    return Pipeline([("constant", constant)])


def linear_pipeline(model: Model, train: Dataset) -> Pipeline | None:
    """Returns logistic or linear regression on the fields of the training rows; None without a usable field.

    Numbers are standardized; strings, hours and days of the week are one-hot encoded; texts are left out. Of
    a date only the day of the week is used when the rows have dates, because a linear trend over months does
    not continue.
    """
    columns = _columns(model, train)
    if not any(columns.values()):
        return None
    order = model.columns
    features = LinearFeatures(number_columns=order.numbers, string_columns=order.strings, **columns)
    last: Any = LogisticRegression(solver="newton-cholesky") if model.labels else LinearRegression()
    return Pipeline([("features", features), ("linear", last)])


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
