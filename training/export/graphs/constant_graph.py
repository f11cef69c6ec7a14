"""ONNX operators of scikit-learn's constant models."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType

from training.export.graphs.graph_builder import GraphBuilder


def set_constant_classifier_shapes(operator: Any) -> None:
    """Declares the outputs of `DummyClassifier`: labels, shape (n,), and probabilities, (n, labels)."""
    operator.outputs[0].type = Int64TensorType([None])
    operator.outputs[1].type = FloatTensorType([None, len(operator.raw_operator.class_prior_)])


def set_constant_regressor_shape(operator: Any) -> None:
    """Declares the output of `DummyRegressor`: values, shape (n, 1)."""
    operator.outputs[0].type = FloatTensorType([None, 1])


def convert_constant_classifier(scope: Any, operator: Any, container: Any) -> None:
    """Writes the probabilities; of the labels, which a bundle's graph does not have, only a stand-in."""
    graph = GraphBuilder(scope, container)
    _add_rows(graph, operator, operator.raw_operator.class_prior_, operator.outputs[1].full_name)
    label = graph.constant(TensorProto.INT64, [1], [0])
    graph.add("Identity", [label], output=operator.outputs[0].full_name)


def convert_constant_regressor(scope: Any, operator: Any, container: Any) -> None:
    """Writes the values."""
    graph = GraphBuilder(scope, container)
    _add_rows(graph, operator, operator.raw_operator.constant_, operator.outputs[0].full_name)


def _add_rows(graph: GraphBuilder, operator: Any, values: Any, output: str) -> None:
    """Repeats one row of values as often as the first input has rows."""
    row = np.asarray(values, dtype=np.float32).reshape(-1).tolist()
    rows = graph.add("Shape", [operator.inputs[0].full_name], start=0, end=1)
    shape = graph.add("Concat", [rows, graph.constant(TensorProto.INT64, [1], [1])], axis=0)
    graph.add("Expand", [graph.constant(TensorProto.FLOAT, [1, len(row)], row), shape], output=output)
