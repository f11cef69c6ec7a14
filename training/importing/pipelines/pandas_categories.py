"""Categories of pandas that the steps of a pipeline pass on to a booster, which splits them.

The graph looks their codes up first, and the steps pass the codes on.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from sklearn.pipeline import Pipeline

from training.errors import TrainingError
from training.export.boosters.category_table import keys_of
from training.export.boosters.hist_booster import has_own_encoder
from training.export.boosters.lightgbm_booster import category_values
from training.export.boosters.xgboost_booster import best_learner, xgboost_parts
from training.export.sklearn_steps.fitted_steps import fitted_steps
from training.importing.column_matching import source_column
from training.importing.pipelines.text_columns import named_steps


def passed_categories(
    model: Any, names: Sequence[str], has_words: Mapping[str, bool]
) -> dict[str, tuple[Any, ...]]:
    """Returns the values of categories in the order of their codes, by column.

    Args:
        model: The pipeline or ensemble.
        names: Its columns.
        has_words: Whether each has words in the sample.

    Raises:
        TrainingError: When a booster's category is no column of the model.
    """
    found: dict[str, tuple[Any, ...]] = {}
    for step in fitted_steps(model):
        for feature, values in _categories(step, names, has_words):
            column = source_column(feature, names)
            if not column or found.get(column, values) != values:
                raise TrainingError(
                    f"The {type(step).__name__} splits the categories of {feature!r}, which a step before it "
                    "makes: save the pipeline with an OrdinalEncoder as this step, and categorical_feature."
                )
            found[column] = values
    return found


def is_closed(model: Any) -> bool:
    """Whether a model raises an error for values of categories that the training lacked."""
    return any(_is_xgboost(step) for step in fitted_steps(model))


def with_codes_as_categories(model: Any, passed: Mapping[str, Sequence[Any]]) -> Any:
    """Replaces the categories of encoders of passed columns by their codes; returns the model."""
    # An encoder is named by its ColumnTransformer and by itself.
    encoders = {id(step): (names, step) for names, step in named_steps(model) if hasattr(step, "categories_")}
    for names, step in encoders.values():
        for place, name in enumerate(names):
            if column := source_column(name, [*passed]):
                codes = {value: float(code) for code, value in enumerate(passed[column])}
                values = step.categories_[place].tolist()
                step.categories_[place] = np.array([codes.get(value, np.nan) for value in values])
    return model


def with_lookups(
    model: onnx.ModelProto, names: Sequence[str], values: Mapping[str, Sequence[Any]], *, closed: bool
) -> onnx.ModelProto:
    """Copies a graph whose inputs of codes become inputs of values."""
    found = onnx.ModelProto()
    found.CopyFrom(model)
    lookups = []
    # skl2onnx writes other names of letters and digits.
    for value, name in zip(found.graph.input, names, strict=False):
        if name not in values:
            continue
        keys = keys_of(values[name], is_closed=closed)
        code, kind = f"{value.name}_code", value.type.tensor_type.elem_type
        for node in found.graph.node:
            node.input[:] = [code if one == value.name else one for one in node.input]
        is_text = isinstance(keys[0], str)
        value.type.tensor_type.elem_type = TensorProto.STRING if is_text else TensorProto.FLOAT
        given: dict[str, Any] = {"keys_strings" if is_text else "keys_floats": [*keys]}
        lookups += [
            helper.make_node(
                "LabelEncoder",
                [value.name],
                [f"{code}_float"],
                domain="ai.onnx.ml",
                **given,
                values_floats=[*map(float, range(len(keys)))],
                default_float=float("nan"),
            ),
            helper.make_node("Cast", [f"{code}_float"], [code], to=kind),
        ]
    nodes = [*lookups, *found.graph.node]
    found.graph.ClearField("node")
    found.graph.node.extend(nodes)
    return found


def _categories(
    step: Any, names: Sequence[str], has_words: Mapping[str, bool]
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yields the name and the values of each feature of a booster that was a category of pandas."""
    if hasattr(step, "booster_"):
        features = step.booster_.feature_name()
        words = [has_words.get(source_column(feature, names), True) for feature in features]
        values = category_values(step.booster_, step.booster_.dump_model(), words)
        yield from ((features[one], tuple(found)) for one, found in values.items())
    elif _is_xgboost(step):
        booster = step.get_booster()
        parts = xgboost_parts(best_learner(booster))
        yield from ((booster.feature_names[one], tuple(found)) for one, found in parts.values.items())
    elif isinstance(step, Pipeline):
        for encoder in _later_encoders(step):
            named = zip(encoder.feature_names_in_, encoder.categories_, strict=True)
            yield from ((str(name), tuple(_present(values))) for name, values in named if _has_words(values))


def _is_xgboost(step: Any) -> bool:
    return hasattr(step, "get_booster") and bool(step.__sklearn_is_fitted__())


def _later_encoders(step: Any) -> Iterator[Any]:
    """Yields the own encoder of the last step of a pipeline, which gets the columns of a step before it."""
    if isinstance(step, Pipeline) and len(step.steps) > 1 and has_own_encoder(step.steps[-1][1]):
        encoder = step.steps[-1][1]._preprocessor.named_transformers_["encoder"]
        if hasattr(encoder, "feature_names_in_"):
            yield encoder


def _has_words(values: Any) -> bool:
    return any(isinstance(value, str) for value in values)


def _present(values: Any) -> list[Any]:
    return [value for value in values.tolist() if value == value]  # NaN alone differs from itself
