"""ONNX operators of a fitted `Features` transformer."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType

from training.export.graphs.graph_builder import GraphBuilder
from training.features.features import CALENDAR, Features
from training.features.holidays import FARTHEST, WEIGHTS, holiday_distances

MINUTES_A_DAY = 24 * 60


def set_features_shape(operator: Any) -> None:
    """Declares the output of `Features` to skl2onnx: float32, shape (n, features)."""
    features = operator.raw_operator
    width = len(features.numbers) + len(features.keys) + features.spans_years_
    operator.outputs[0].type = FloatTensorType([None, width])


def convert_features(scope: Any, operator: Any, container: Any) -> None:
    """Writes a fitted `Features` to skl2onnx's graph, with one LabelEncoder for all encoded keys.

    Strings and hour become codes, and a product of matrices makes one number of them for each key; numbers
    of different keys differ, so that one table holds the values of all. All numbers of the input are passed
    on, used or not, because selecting some would need one more operator.
    """
    features: Features = operator.raw_operator
    numbers, strings = (variable.full_name for variable in operator.inputs)
    graph = GraphBuilder(scope, container)
    parts = [numbers, _lookup(graph, features, numbers, strings)]
    if features.spans_years_:
        parts.append(_holidays(graph, features, numbers))
    graph.add("Concat", parts, output=operator.outputs[0].full_name, axis=1)


def _lookup(graph: GraphBuilder, features: Features, numbers: str, strings: str) -> str:
    codes = graph.add(
        "Concat", [_text_codes(graph, features, strings), _hours(graph, features, numbers)], axis=1
    )
    weights, offsets = features.weights, features.offsets
    products = graph.add(
        "MatMul", [codes, graph.constant(TensorProto.INT64, [*weights.shape], weights.ravel().tolist())]
    )
    keyed = graph.add("Add", [products, graph.constant(TensorProto.INT64, [len(offsets)], offsets.tolist())])
    found, values = features.entries()
    return graph.add(
        "LabelEncoder",
        [keyed],
        keys_int64s=found.tolist(),
        values_floats=values.tolist(),
        default_float=0.0,
    )


def _text_codes(graph: GraphBuilder, features: Features, strings: str) -> str:
    return graph.add(
        "LabelEncoder",
        [strings],
        keys_strings=[text.encode() for text in features.texts_],
        values_int64s=[*range(1, len(features.texts_) + 1)],
        default_int64=0,
    )


def _hours(graph: GraphBuilder, features: Features, numbers: str) -> str:
    return graph.add(
        "LabelEncoder",
        [graph.gather(numbers, [features.numbers.index(features.time)])],
        keys_floats=[float(minute) for minute in range(MINUTES_A_DAY)],
        values_int64s=[minute // 60 + 1 for minute in range(MINUTES_A_DAY)],
        default_int64=0,
    )


def _holidays(graph: GraphBuilder, features: Features, numbers: str) -> str:
    names = [features.numbers.index(f"{features.date}_{part}") for part in CALENDAR]
    weights = graph.constant(TensorProto.FLOAT, [len(WEIGHTS), 1], np.array(WEIGHTS, dtype=np.float32))
    day = graph.add("MatMul", [graph.gather(numbers, names), weights])
    table = holiday_distances()
    return graph.add(
        "LabelEncoder",
        [day],
        keys_floats=[float(key) for key in table],
        values_floats=[float(away) for away in table.values()],
        default_float=float(FARTHEST),
    )
