"""Feature selection of scikit-learn as an operator of ONNX; skl2onnx loses a first column alone."""

from typing import Any

from onnx import TensorProto
from skl2onnx import update_registered_converter
from sklearn import feature_selection

from training.errors import TrainingError
from training.export.graphs.graph_builder import GraphBuilder

_KINDS = (
    feature_selection.RFE,
    feature_selection.RFECV,
    feature_selection.GenericUnivariateSelect,
    feature_selection.SelectFdr,
    feature_selection.SelectFpr,
    feature_selection.SelectFromModel,
    feature_selection.SelectFwe,
    feature_selection.SelectKBest,
    feature_selection.SelectPercentile,
    feature_selection.SequentialFeatureSelector,
    feature_selection.VarianceThreshold,
)


def register_selection_converters() -> None:
    """Registers the converters."""
    for kind in _KINDS:
        update_registered_converter(kind, f"Training{kind.__name__}", _shapes, _convert, overwrite=True)


def _shapes(operator: Any) -> None:
    width = int(operator.raw_operator.get_support().sum())
    if not width:
        raise TrainingError(
            f"A {type(operator.raw_operator).__name__} selects no column: fit it so that it keeps one."
        )
    operator.outputs[0].type = type(operator.inputs[0].type)([None, width])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    graph = GraphBuilder(scope, container)
    names = [one.full_name for one in operator.inputs]
    table = names[0] if len(names) == 1 else graph.add("Concat", names, axis=1)
    places = operator.raw_operator.get_support(indices=True).tolist()
    constant = graph.constant(TensorProto.INT64, [len(places)], places)
    graph.add("Gather", [table, constant], output=operator.outputs[0].full_name, axis=1)
