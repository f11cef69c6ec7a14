"""Columns of words in a scikit-learn pipeline: which they are, their only values, and absent words."""

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OneHotEncoder, OrdinalEncoder

from training.export.boosters.category_table import category_text, keys_of
from training.export.sklearn_steps.fitted_steps import fitted_steps


def word_columns(model: Any) -> tuple[str, ...]:
    """Returns the columns that an encoder or imputer of words takes, such as codes with leading zeros."""
    found: dict[str, None] = {}
    for names, step in named_steps(model):
        words = map(_has_words, _learned(step))
        found |= dict.fromkeys(name for name, has_words in zip(names, words, strict=False) if has_words)
    return tuple(found)


def known_values(model: Any) -> dict[str, tuple[Any, ...]]:
    """Returns the only values of columns whose encoder raises an error for any other, by column."""
    found: dict[str, tuple[Any, ...]] = {}
    for names, step in named_steps(model):
        if isinstance(step, OneHotEncoder | OrdinalEncoder) and step.handle_unknown == "error":
            for name, values in zip(names, step.categories_, strict=False):
                found[name] = tuple(value for value in values.tolist() if not pd.isna(value))
    return found


def looked_up_columns(model: Any) -> tuple[str, ...]:
    """Returns the columns that an encoder takes."""
    return tuple(
        {name: None for names, step in named_steps(model) if hasattr(step, "categories_") for name in names}
    )


def number_words(model: Any) -> tuple[str, ...]:
    """Returns the columns of numbers that a request has as strings: their encoder refuses all others."""
    return tuple(name for name, _, _ in _encoders_of_numbers(model))


def whole_numbers(model: Any) -> dict[str, tuple[int, ...]]:
    """Returns the only values of columns of whole numbers whose encoder refuses others, by column."""
    return {
        name: tuple(map(int, values))
        for name, values in known_values(model).items()
        if all(isinstance(value, int | float) and value == int(value) for value in values)
        and not any(isinstance(value, bool) for value in values)
    }


def with_empty_words(model: Any) -> Any:
    """Copies a model for its conversion: absent words are "" in the graph, no step is sparse or empty."""
    copied = copy.deepcopy(model)
    for _, encoder, place in _encoders_of_numbers(copied):
        texts = [
            "" if pd.isna(value) else category_text(value) for value in encoder.categories_[place].tolist()
        ]
        encoder.categories_[place] = np.array(texts, dtype=object)
    for step in fitted_steps(copied):
        _leave_out_passthrough(step)
        if hasattr(step, "transformers_"):
            step.transformers_ = [(*one[:2], _positions(one[2])) for one in step.transformers_]
        if isinstance(step, KBinsDiscretizer) and step.encode == "onehot":
            step.encode = "onehot-dense"
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


def _encoders_of_numbers(model: Any) -> list[tuple[str, Any, int]]:
    """Returns each such column, its encoder and its place in it; one that other steps take stays a number."""
    found, used = [], Counter[str]()
    for part in fitted_steps(model):
        for _, transformer, columns in getattr(part, "transformers_", ()):
            first, names = [*_steps(transformer), None][0], _names(part, columns)
            used.update(names if first != "drop" else ())
            if isinstance(first, OneHotEncoder | OrdinalEncoder) and first.handle_unknown == "error":
                found += [(name, first, place) for place, name in enumerate(names) if _has_gaps(first, place)]
    return [one for one in found if used[one[0]] == 1]


def _has_gaps(encoder: Any, place: int) -> bool:
    values = [value for value in encoder.categories_[place].tolist() if not pd.isna(value)]
    is_number = bool(values) and not _has_words(values)
    return is_number and isinstance(keys_of(values, is_closed=True)[0], str)


def named_steps(model: Any) -> Iterator[tuple[list[str], Any]]:
    """Yields the fitted steps in a model, each with the names of its columns as far as they are known."""
    for part in fitted_steps(model):
        if hasattr(part, "feature_names_in_"):
            yield [*map(str, part.feature_names_in_)], part
        for _, transformer, columns in getattr(part, "transformers_", ()):
            names = _names(part, columns)
            yield from ((names, step) for step in _steps(transformer))


def _names(part: ColumnTransformer, columns: Any) -> list[str]:
    """Returns the names of the columns of a transformer, which may be given as positions, slice or mask."""
    known = np.array([str(name) for name in getattr(part, "feature_names_in_", ())], dtype=object)
    if isinstance(columns, str):
        return [columns]
    if not isinstance(columns, slice) and all(isinstance(name, str) for name in columns):
        return [*columns]
    is_named = isinstance(columns, slice) and isinstance(columns.start or columns.stop, str)
    return [] if is_named or not len(known) else np.atleast_1d(known[columns]).tolist()


def _leave_out_passthrough(step: Any) -> None:
    """Leaves out the parts of a pipeline or union that do nothing; a pipeline keeps at least one step."""
    if isinstance(step, Pipeline):
        step.steps = without_passthrough(step.steps) or [("same", FunctionTransformer())]
    if isinstance(step, FeatureUnion):
        step.transformer_list = [
            (name, FunctionTransformer() if part == "passthrough" else part)
            for name, part in step.transformer_list
            if part != "drop"
        ]


def without_passthrough(steps: list[Any]) -> list[Any]:
    """Returns the steps of a pipeline that do something."""
    return [one for one in steps if one[1] is not None and one[1] != "passthrough"]


def _positions(columns: Any) -> Any:
    """Returns the positions of a mask of columns, which skl2onnx takes for positions; others as they are."""
    is_mask = not isinstance(columns, str | slice) and np.asarray(columns).dtype.kind == "b"
    return np.flatnonzero(columns).tolist() if is_mask else columns


def _steps(transformer: Any) -> list[Any]:
    return [step for _, step in transformer.steps] if isinstance(transformer, Pipeline) else [transformer]


def _learned(step: Any) -> list[Any]:
    """Returns the values that a step has learned, column by column."""
    if hasattr(step, "categories_"):
        return list(step.categories_)
    return [[value] for value in getattr(step, "statistics_", ())]


def _has_words(values: Any) -> bool:
    return any(isinstance(value, str) for value in values)
