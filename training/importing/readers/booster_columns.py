"""Columns of a booster with categories: their names, kinds and tensors, and the rows for its library."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from training.errors import TrainingError
from training.export.boosters.booster_parts import BoosterParts
from training.importing.column_matching import found_columns
from training.importing.graphs.booster_graph import FEATURES, WORDS
from training.importing.graphs.foreign_graph import InputKind
from training.importing.readers.foreign_model import ForeignModel
from training.importing.sample import Sample


def with_categories(
    model: ForeignModel, parts: BoosterParts, codes: Sequence[int], sample: Sample
) -> ForeignModel:
    """Copies a booster's model with the kinds of its columns with categories.

    Args:
        model: The model.
        parts: Its booster.
        codes: Its features with categories; one without values has the codes themselves.
        sample: The sample rows.

    Raises:
        TrainingError: When the sample has words where the model has codes.
    """
    names = [*model.columns] or [*map(str, sample.typed)]
    # A sample with too few columns is refused when they are matched.
    if len(names) < parts.features:
        return model
    there = found_columns(names, sample.typed)
    column = {feature: there.get(names[feature], names[feature]) for feature in range(parts.features)}
    for feature in {*codes} - {*parts.values}:
        _refuse_words(model, column[feature], sample)
    tensors = {FEATURES: parts.numbers, WORDS: parts.words} if parts.words and model.columns else {}
    return replace(
        model,
        tensors={
            tensor: tuple(names[one] for one in features) for tensor, features in tensors.items() if features
        },
        kinds={
            column[feature]: _kind(parts.values.get(feature, (0,)))
            for feature in {*codes, *parts.values} - {*parts.words}
        },
        words=tuple(column[feature] for feature in parts.words),
        known={column[feature]: tuple(values) for feature, values in parts.values.items() if parts.is_closed},
        notes=(*model.notes, *(_empty_note(column[one]) for one, keys in parts.keys.items() if "" in keys)),
    )


def _empty_note(column: str) -> str:
    return f"An absent value of {column} is predicted as its category '', the string without letters."


def _refuse_words(model: ForeignModel, column: str, sample: Sample) -> None:
    if sample.words.get(column):
        raise TrainingError(
            f"The {model.origin} has the codes of the categories of {column!r} and not their values, and "
            f"{sample.name} has words: give the codes as the training had them "
            f"(frame[{column!r}].cat.codes); or train it on a data frame whose column is a category of "
            "pandas, with LightGBM, or XGBoost from version 3.1 on."
        )


def has_words(sample: Sample, names: Sequence[str]) -> list[bool]:
    """Returns whether each column of a model has words in the sample; one that is missing may have."""
    there = found_columns(names, sample.typed)
    return [name not in there or sample.words[there[name]] for name in names]


def category_frame(rows: pd.DataFrame, values: Mapping[int, Sequence[Any]]) -> pd.DataFrame:
    """Returns rows as the training had them: categories of pandas, and all other columns as float64."""
    columns = {
        name: _category(rows.iloc[:, feature], values[feature])
        if feature in values
        else rows.iloc[:, feature].to_numpy(dtype="float64")
        for feature, name in enumerate(rows)
    }
    return pd.DataFrame(columns, index=rows.index)


def _category(column: pd.Series, values: Sequence[Any]) -> Any:
    if not all(type(value) is int for value in values):
        return pd.Categorical(column)
    numbers = pd.to_numeric(column)
    # A column with absent values has floats, which are no categories for XGBoost.
    present = np.array([value for value in values if (numbers == value).any()], dtype=np.int64)
    return pd.Categorical(numbers.where(numbers.isin(present)), categories=present)


def _kind(values: Sequence[Any]) -> InputKind:
    if all(isinstance(value, bool) for value in values):
        return "boolean"
    return "integer" if all(isinstance(value, int) for value in values) else "number"
