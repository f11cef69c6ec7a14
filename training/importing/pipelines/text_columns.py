"""Columns of words in a scikit-learn pipeline: which they are, and absent words as the graph has them."""

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer


def word_columns(model: Any) -> tuple[str, ...]:
    """Returns the columns that an encoder or imputer of words takes, such as codes with leading zeros."""
    found: dict[str, None] = {}
    for part in _parts(model):
        if isinstance(part, ColumnTransformer):
            for _, transformer, columns in part.transformers_:
                names = [columns] if isinstance(columns, str) else columns
                if isinstance(names, slice) or not all(isinstance(name, str) for name in names):
                    continue
                for step in _steps(transformer):
                    found |= dict.fromkeys(
                        name
                        for name, values in zip(names, _learned(step), strict=False)
                        if _has_words(values)
                    )
    return tuple(found)


def with_empty_words(model: Any) -> Any:
    """Copies a model for its conversion: absent words are "" in the graph, not NaN or None."""
    copied = copy.deepcopy(model)
    for part in _parts(copied):
        for step in _fitted(part):
            values = _learned(step)
            if isinstance(step, SimpleImputer) and any(map(_has_words, values)):
                step.missing_values = ""
            elif hasattr(step, "categories_") and any(map(_has_words, values)):
                step.categories_ = [
                    np.array(["" if pd.isna(value) else value for value in one], dtype=object)
                    if _has_words(one)
                    else one
                    for one in step.categories_
                ]
    return copied


def _parts(model: Any) -> Iterator[Any]:
    yield model
    yield from (part for part in model.get_params(deep=True).values() if hasattr(part, "get_params"))


def _fitted(part: Any) -> Iterator[Any]:
    """Yields a part and the fitted steps in it; a ColumnTransformer fits copies of its transformers."""
    yield part
    if isinstance(part, ColumnTransformer):
        for _, transformer, _ in part.transformers_:
            yield from _steps(transformer)


def _steps(transformer: Any) -> list[Any]:
    return [step for _, step in getattr(transformer, "steps", [("", transformer)])]


def _learned(step: Any) -> list[Any]:
    """Returns the values that a step has learned, column by column."""
    if hasattr(step, "categories_"):
        return list(step.categories_)
    return [[value] for value in getattr(step, "statistics_", ())]


def _has_words(values: Any) -> bool:
    return any(isinstance(value, str) for value in values)
