"""SimpleImputer with add_indicator, of double or whose absent value is a number, and MissingIndicator."""

from typing import Any

import numpy as np
from skl2onnx import update_registered_converter
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from sklearn.impute import MissingIndicator, SimpleImputer

from training.errors import TrainingError
from training.export.graphs.graph_builder import GraphBuilder
from training.export.sklearn_steps.conditional_converter import ConditionalConverter


def has_indicator(imputer: Any) -> bool:
    """Whether the converter adds the indicator of an imputer, fitted or not."""
    missing = getattr(imputer, "missing_values", None)
    is_number = isinstance(missing, int | float)
    return isinstance(imputer, SimpleImputer) and imputer.add_indicator and is_number


def _kept(imputer: Any) -> list[int]:
    """Returns the positions of the columns that had a value in the training."""
    statistics = np.asarray(imputer.statistics_)
    if statistics.dtype.kind != "f":
        raise TrainingError(
            "A SimpleImputer of words has add_indicator=True, which has no conversion to ONNX: fit it with "
            "add_indicator=False."
        )
    return [int(place) for place in np.flatnonzero(~np.isnan(statistics))]


def _marked(imputer: Any) -> list[int]:
    """Returns the positions of the columns that have a mark."""
    return list(imputer.indicator_.features_.tolist()) if imputer.add_indicator else []


def _shapes(operator: Any) -> None:
    imputer = operator.raw_operator
    width = len(_kept(imputer)) + len(_marked(imputer))
    operator.outputs[0].type = type(operator.inputs[0].type)([None, width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    imputer = operator.raw_operator
    graph = GraphBuilder(scope, container)
    kind = operator.inputs[0].type._get_element_onnx_type()
    names = [one.full_name for one in operator.inputs]
    table = names[0] if len(names) == 1 else graph.add("Concat", names, axis=1)
    absent = _absent(graph, table, imputer.missing_values, kind)
    kept = _kept(imputer)
    values = graph.constant(kind, [1, len(kept)], np.asarray(imputer.statistics_)[kept].tolist())
    filled = graph.add("Where", [graph.gather(absent, kept), values, graph.gather(table, kept)])
    found = [filled]
    if marked := _marked(imputer):
        found.append(graph.add("Cast", [graph.gather(absent, marked)], to=kind))
    graph.add("Concat", found, output=operator.outputs[0].full_name, axis=1)


def _applies(operator: Any) -> bool:
    imputer = operator.raw_operator
    is_of_numbers = np.asarray(imputer.statistics_).dtype.kind == "f"
    # skl2onnx rounds the values of an imputer of double to float.
    is_double = isinstance(operator.inputs[0].type, DoubleTensorType)
    has_own = _is_finite(imputer.missing_values) or (is_double and isinstance(imputer.missing_values, float))
    return has_indicator(imputer) or (is_of_numbers and has_own)


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and bool(np.isfinite(value))


def register_missing_indicator() -> None:
    """Registers the converter of MissingIndicator, of numbers whose absent value is NaN or a number."""
    update_registered_converter(
        MissingIndicator, "TrainingMissingIndicator", _mark_shapes, _convert_marks, overwrite=True
    )


def _mark_shapes(operator: Any) -> None:
    has_words = any(isinstance(one.type, StringTensorType) for one in operator.inputs)
    if has_words or not isinstance(operator.raw_operator.missing_values, int | float):
        raise TrainingError(
            "A MissingIndicator of words has no conversion to ONNX: mark absent numbers alone, or give the "
            "words to a OneHotEncoder, for which an absent one is a category."
        )
    width = len(operator.raw_operator.features_)
    operator.outputs[0].type = type(operator.inputs[0].type)([None, width])


def _convert_marks(scope: Any, operator: Any, container: Any) -> None:
    graph, indicator = GraphBuilder(scope, container), operator.raw_operator
    kind = operator.inputs[0].type._get_element_onnx_type()
    names = [one.full_name for one in operator.inputs]
    table = names[0] if len(names) == 1 else graph.add("Concat", names, axis=1)
    absent = _absent(graph, table, indicator.missing_values, kind)
    marks = graph.gather(absent, indicator.features_.tolist())
    graph.add("Cast", [marks], output=operator.outputs[0].full_name, to=kind)


def _absent(graph: GraphBuilder, table: str, missing: float, kind: int) -> str:
    """Adds whether each number is the absent value, and returns the name."""
    is_nan = bool(np.isnan(missing))
    value = [] if is_nan else [graph.constant(kind, [1], [missing])]
    return graph.add("IsNaN" if is_nan else "Equal", [table, *value])


INDICATORS = ConditionalConverter(
    SimpleImputer,
    applies=_applies,
    shapes=_shapes,
    convert=_convert,
)
