"""Sample rows with categories: as the training had them, and refused when none of their values is known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.preprocessing import Binarizer, KBinsDiscretizer

from training.errors import TrainingError
from training.export.boosters.category_table import category_text, keys_of
from training.export.sklearn_steps.fitted_steps import fitted_steps
from training.importing.column_matching import found_columns
from training.importing.graphs.foreign_graph import InputKind
from training.importing.pipelines.text_columns import named_steps
from training.importing.sample import Sample

_SHOWN = 4


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


def refuse_unknown(column: str, keys: Sequence[Any], sample: Sample) -> None:
    """Raises TrainingError for a column that has values, and none of its categories.

    Args:
        column: The column; one that the sample lacks is passed over.
        keys: Its categories, all strings or all numbers.
        sample: The sample rows.
    """
    if column not in sample.typed:
        return
    is_text = isinstance(keys[0], str)
    cells = sample.cells(column)[sample.typed[column].notna()]
    found = {*map(str, cells)} if is_text else {*sample.values(column, "number").tolist()}
    known = {*keys} if is_text else {*map(float, keys)}
    present = {value for value in found if value == value}  # NaN alone differs from itself
    if present and not present & known:
        raise TrainingError(
            f"The column {column!r} of {sample.name} has none of the model's categories: "
            f"{_shown(present)} instead of {_shown(known)}. Give them as the training had them."
        )


def refuse_unknown_in_steps(model: Any, passed: Mapping[str, Sequence[Any]], sample: Sample) -> None:
    """Raises TrainingError for a column of a pipeline of which each value is unknown to its encoder.

    Args:
        model: The pipeline.
        passed: Values of the columns that its booster takes as categories.
        sample: The sample rows, under the names of the pipeline's columns.
    """
    for name, values in (*_encoded(model), *passed.items()):
        there = found_columns([name], sample.typed)
        refuse_unknown(there.get(name, ""), keys_of(values), sample)


def _encoded(model: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yields the columns of encoders, and their categories without the absent one."""
    # A step before an encoder changes numbers alone.
    makes_numbers = any(isinstance(step, Binarizer | KBinsDiscretizer) for step in fitted_steps(model))
    for names, step in named_steps(model):
        for name, categories in zip(names, getattr(step, "categories_", ()), strict=False):
            values = [one for one in categories.tolist() if one is not None and one == one]
            has_words = any(isinstance(one, str) for one in values)
            if values and (has_words or not makes_numbers):
                yield name, values


def _shown(values: Iterable[Any]) -> str:
    return ", ".join(sorted(map(category_text, values))[:_SHOWN])
