"""SimpleImputer with add_indicator as operators of ONNX, which skl2onnx leaves out."""

from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer

from training.errors import TrainingError
from training.export.graphs.graph_builder import GraphBuilder
from training.export.sklearn_steps.partial_converter import PartialConverter


def has_indicator(imputer: Any) -> bool:
    """Whether the converter adds the indicator of an imputer, fitted or not: its absent value is NaN."""
    missing = getattr(imputer, "missing_values", None)
    is_nan = isinstance(missing, float) and bool(np.isnan(missing))
    return isinstance(imputer, SimpleImputer) and imputer.add_indicator and is_nan


def _kept(imputer: Any) -> list[int]:
    """Returns the positions of the columns that had a value in the training."""
    statistics = np.asarray(imputer.statistics_)
    if statistics.dtype.kind != "f":
        raise TrainingError(
            "A SimpleImputer of words has add_indicator=True, which has no conversion to ONNX: fit it with "
            "add_indicator=False."
        )
    return [int(place) for place in np.flatnonzero(~np.isnan(statistics))]


def _shapes(operator: Any) -> None:
    imputer = operator.raw_operator
    width = len(_kept(imputer)) + len(imputer.indicator_.features_)
    operator.outputs[0].type = type(operator.inputs[0].type)([None, width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    imputer = operator.raw_operator
    graph = GraphBuilder(scope, container)
    kind = operator.inputs[0].type._get_element_onnx_type()
    names = [one.full_name for one in operator.inputs]
    table = names[0] if len(names) == 1 else graph.add("Concat", names, axis=1)
    absent = graph.add("IsNaN", [table])
    kept = _kept(imputer)
    values = graph.constant(kind, [1, len(kept)], np.asarray(imputer.statistics_)[kept].tolist())
    filled = graph.add("Where", [graph.gather(absent, kept), values, graph.gather(table, kept)])
    marks = graph.add("Cast", [graph.gather(absent, imputer.indicator_.features_.tolist())], to=kind)
    graph.add("Concat", [filled, marks], output=operator.outputs[0].full_name, axis=1)


INDICATORS = PartialConverter(
    SimpleImputer,
    applies=lambda operator: has_indicator(operator.raw_operator),
    shapes=_shapes,
    convert=_convert,
)
