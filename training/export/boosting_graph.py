"""`Boosting` as ONNX operators."""

from typing import Any

import numpy as np
from onnx import TensorProto
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType

from training.export.operators import Operators
from training.export.trees import FLOAT32_MAX, Node, branch, ensemble, grown, leaf
from training.fitting.boosting import Boosting


def set_boosting_shapes(operator: Any) -> None:
    """Tells the converter what `Boosting` gives: a label, which nothing needs, and probabilities."""
    operator.outputs[0].type = Int64TensorType([None])
    operator.outputs[1].type = FloatTensorType([None, 2])


def convert_boosting(scope: Any, operator: Any, container: Any) -> None:
    """Writes the trees, and the calibration of each view as one more tree.

    That tree gives the slope of the row's view, once negative and once positive. Times the log-odds these are
    the log-odds of either class, and their sigmoids its probabilities. The intercept is a tree among the
    others, divided by the slope it will be multiplied with.
    """
    model: Boosting = operator.raw_operator
    graph = Operators(scope, container)
    features = operator.inputs[0].full_name
    shift = _by_view(model, [leaf(a / b) for a, b in zip(model.intercepts_, model.slopes_, strict=True)])
    slope = _by_view(model, [leaf(-b, b) for b in model.slopes_])
    trees = [*grown(model.booster_, model.positions_), shift]
    log_odds = graph.add("TreeEnsembleRegressor", [features], **ensemble(trees, targets=1))
    slopes = graph.add("TreeEnsembleRegressor", [features], **ensemble([slope], targets=2))
    both = graph.add("Mul", [log_odds, slopes])
    graph.add("Sigmoid", [both], output=operator.outputs[1].full_name)
    zero = graph.constant(TensorProto.INT64, [1], np.zeros(1, dtype=np.int64))
    graph.add("Identity", [zero], output=operator.outputs[0].full_name)


def _by_view(model: Boosting, leaves: list[Node]) -> Node:
    """A tree that leads each row to the leaf of its view, group by group, the last one first."""
    nodes = leaves
    for columns in model.later:
        position = model.positions_[columns[0]]
        # Whatever is known is at most the greatest number, and the absent is sent the other way.
        nodes = [
            branch(position, FLOAT32_MAX, known, unknown, absent_is_low=False)
            for known, unknown in zip(nodes[::2], nodes[1::2], strict=True)
        ]
    return nodes[0]
