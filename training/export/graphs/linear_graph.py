"""ONNX operators of fitted `LinearFeatures`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType

from training.export.graphs.graph_builder import GraphBuilder
from training.features.linear_features import MINUTES_AN_HOUR, LinearFeatures


def set_linear_features_shape(operator: Any) -> None:
    """Declares the output of `LinearFeatures` to skl2onnx: float32, shape (n, width)."""
    operator.outputs[0].type = FloatTensorType([None, operator.raw_operator.width])


def convert_linear_features(scope: Any, operator: Any, container: Any) -> None:
    """Writes the matrix as one Concat of its parts."""
    features: LinearFeatures = operator.raw_operator
    graph = GraphBuilder(scope, container)
    # The input `numbers` comes first, `strings` last; a model may have one of them only.
    inputs = [variable.full_name for variable in operator.inputs]
    parts = [
        *(_numbers(graph, features, inputs[0]) if features.numbers else ()),
        *_codes(graph, features, inputs[0]),
        *_strings(graph, features, inputs[-1]),
    ]
    graph.add("Concat", parts, output=operator.outputs[0].full_name, axis=1)


def _numbers(graph: GraphBuilder, features: LinearFeatures, tensor: str) -> Iterator[str]:
    """Yields the standardized numbers and the marks of absent ones, computed in float64 as in `transform`."""
    size = len(features.numbers)
    numbers = graph.gather(tensor, [features.number_columns.index(name) for name in features.numbers])
    absent = graph.add("IsNaN", [numbers])
    scaled = _standardized(graph, numbers, features.means_[:size], features.scales_[:size])
    zero = graph.constant(TensorProto.FLOAT, [1], [0.0])
    yield graph.add("Where", [absent, zero, scaled])
    if len(features.absent_):
        marks = graph.gather(absent, features.absent_.tolist())
        yield _standardized(graph, marks, features.means_[size:], features.scales_[size:])


def _standardized(
    graph: GraphBuilder, tensor: str, means: NDArray[np.float64], scales: NDArray[np.float64]
) -> str:
    found = graph.add("Cast", [tensor], to=TensorProto.DOUBLE)
    for kind, values in (("Sub", means), ("Div", scales)):
        found = graph.add(
            kind, [found, graph.constant(TensorProto.DOUBLE, [1, len(values)], values.tolist())]
        )
    return graph.add("Cast", [found], to=TensorProto.FLOAT)


def _codes(graph: GraphBuilder, features: LinearFeatures, tensor: str) -> Iterator[str]:
    """Yields the one-hot encoded hours and days of the week; NaN, which equals nothing, is the last one."""
    for name, codes in features.codes_.items():
        column = graph.gather(tensor, [features.number_columns.index(name)])
        if name in features.hours:
            minutes = graph.constant(TensorProto.FLOAT, [1], [float(MINUTES_AN_HOUR)])
            column = graph.add("Floor", [graph.add("Div", [column, minutes])])
        if finite := codes[~np.isnan(codes)].tolist():
            yield _one_hot(graph, column, TensorProto.FLOAT, finite)
        if np.isnan(codes).any():
            yield graph.add("Cast", [graph.add("IsNaN", [column])], to=TensorProto.FLOAT)


def _strings(graph: GraphBuilder, features: LinearFeatures, tensor: str) -> Iterator[str]:
    """Yields the one-hot encoded strings."""
    for name, categories in features.categories_.items():
        has_others = features.has_others_[name]
        column = graph.add(
            "LabelEncoder",
            [graph.gather(tensor, [features.string_columns.index(name)])],
            keys_strings=[category.encode() for category in categories],
            values_int64s=[*range(len(categories))],
            default_int64=len(categories) if has_others else -1,
        )
        yield _one_hot(graph, column, TensorProto.INT64, [*range(len(categories) + has_others)])


def _one_hot(graph: GraphBuilder, column: str, kind: int, values: list[Any]) -> str:
    equal = graph.add("Equal", [column, graph.constant(kind, [1, len(values)], values)])
    return graph.add("Cast", [equal], to=TensorProto.FLOAT)
