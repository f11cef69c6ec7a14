"""Rows with categories, as the training had them: categories of pandas."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from training.importing.graphs.foreign_graph import InputKind


def category_frame(rows: pd.DataFrame, values: Mapping[int, Sequence[Any]]) -> pd.DataFrame:
    """Returns rows as the training had them: categories of pandas, and all other columns as float64."""
    columns = {
        name: as_category(rows.iloc[:, feature], values[feature])
        if feature in values
        else rows.iloc[:, feature].to_numpy(dtype="float64")
        for feature, name in enumerate(rows)
    }
    return pd.DataFrame(columns, index=rows.index)


def as_category(column: pd.Series, values: Sequence[Any]) -> Any:
    """Returns a column as a category of pandas with values of the types that the training had."""
    if not all(type(value) is int for value in values):
        return pd.Categorical(column)
    numbers = pd.to_numeric(column)
    # A column with absent values has floats, which are no categories for XGBoost.
    present = np.array([value for value in values if (numbers == value).any()], dtype=np.int64)
    return pd.Categorical(numbers.where(numbers.isin(present)), categories=present)


def kind_of(values: Sequence[Any]) -> InputKind:
    """Returns the kind of a column of categories that are no words."""
    if all(isinstance(value, bool) for value in values):
        return "boolean"
    return "integer" if all(isinstance(value, int) for value in values) else "number"
