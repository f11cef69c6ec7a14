"""ONNX operators of a fitted `Features` transformer."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType

from training.export.graphs.graph_builder import GraphBuilder
from training.features.features import CALENDAR, Features
from training.features.holidays import FARTHEST, WEIGHTS, holiday_distances
from training.features.target_encoding import HOUR, HOURS

MINUTES_A_DAY = 24 * 60


def set_features_shape(operator: Any) -> None:
    """Declares the output of `Features` to skl2onnx: float32, shape (n, features)."""
    features = operator.raw_operator
    width = len(features.numbers) + len(features.keys) + features.spans_years_
    operator.outputs[0].type = FloatTensorType([None, width])


def convert_features(scope: Any, operator: Any, container: Any) -> None:
    """Writes a fitted `Features` to skl2onnx's graph, with one LabelEncoder for all encoded keys.

    A key of the LabelEncoder is "<index of the key>:<first code><last code>", so that one table holds the
    values of all keys. All numbers are passed on, used or not, because selecting some would need one more
    operator. StringConcat requires opset 20.
    """
    features: Features = operator.raw_operator
    numbers, strings = (variable.full_name for variable in operator.inputs)
    graph = GraphBuilder(scope, container)
    parts = [numbers, _lookup(graph, features, numbers, strings)]
    if features.spans_years_:
        parts.append(_holidays(graph, features, numbers))
    graph.add("Concat", parts, output=operator.outputs[0].full_name, axis=1)


def _lookup(graph: GraphBuilder, features: Features, numbers: str, strings: str) -> str:
    minutes = graph.gather(numbers, [features.numbers.index(features.time)])
    hour = graph.add(
        "LabelEncoder",
        [minutes],
        keys_floats=[float(minute) for minute in range(MINUTES_A_DAY)],
        values_strings=[HOURS[minute // 60].encode() for minute in range(MINUTES_A_DAY)],
        default_string=b"",
    )
    codes = graph.add("Concat", [strings, hour], axis=1)
    order = (*features.strings, HOUR)
    ends = [graph.gather(codes, [order.index(key[end]) for key in features.keys]) for end in (0, -1)]
    texts = graph.add("StringConcat", ends)
    prefixes = [f"{number}:".encode() for number in range(len(features.keys))]
    keyed = graph.add(
        "StringConcat", [graph.constant(TensorProto.STRING, [1, len(prefixes)], prefixes), texts]
    )
    entries = features.entries()
    return graph.add(
        "LabelEncoder",
        [keyed],
        keys_strings=[key.encode() for key in entries],
        values_floats=list(entries.values()),
        default_float=0.0,
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
